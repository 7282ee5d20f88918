// Package api is the client API on the wire: routes, bodies and error codes, shared by the service and the client.
//
// May import: nothing of ours.
package api
