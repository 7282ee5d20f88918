// Package customdata finds the one document of custom user data that counts for a person, the copy that goes into an access token.
//
// May import: model, backend/store.
package customdata
