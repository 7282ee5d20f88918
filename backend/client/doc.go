// Package client is a Go SDK for the client API: it signs people in, renews a token once for all who wait, and reads, saves and watches their
// custom data. It is written to the protocol, not to dossier's own service.
//
// May import: model, backend/api.
package client
