// Package customdata reads the custom data document of a user, which an access token carries as a snapshot.
//
// May import: model, backend/store.
package customdata
