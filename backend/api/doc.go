// Package api defines the client API on the wire: routes, bodies, operations and error codes. Service and client share
// it.
//
// May import: model.
package api
