// Package directory stores the users of an application and the identities with which they sign in.
//
// May import: model, backend/store.
package directory
