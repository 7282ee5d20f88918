// Package server answers the client API over HTTP: it reads requests, asks the services behind it, and writes what SDKs accept.
//
// May import: model, backend/api, backend/app, backend/auth, backend/limiter, backend/store.
package server
