// Package server is the HTTP side of the client API: middleware, routes, limits and change streams as server-sent
// events. It parses requests, calls the packages behind it and writes responses that SDKs accept.
//
// May import: model, backend/api, backend/app, backend/auth, backend/limiter, backend/store.
package server
