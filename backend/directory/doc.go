// Package directory knows the people of an application and the identities by which they prove who they are.
//
// May import: model, backend/store.
package directory
