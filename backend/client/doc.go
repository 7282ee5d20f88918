// Package client is a Go SDK for the client API: it signs users in, refreshes their tokens (concurrent callers share
// one refresh), and reads, saves and watches their custom data. It follows the protocol and works with any service that
// implements it.
//
// May import: model, backend/api.
package client
