// Package metrics keeps figures about the service for Prometheus: how much is asked, how it ends and how long it takes, never who asks.
//
// May import: backend/server.
package metrics
