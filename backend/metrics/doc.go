// Package metrics exports the service's Prometheus metrics: the number, results and durations of requests, never their
// users.
//
// May import: backend/server.
package metrics
