// Package auth authenticates users: providers, passwords, tokens, sessions and the throttle of failed sign-ins.
//
// May import: model, backend/api, backend/app, backend/directory, backend/store.
package auth
