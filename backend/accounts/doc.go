// Package accounts stores the users signed in on this machine, their tokens and their drafts. Several processes may
// share them.
//
// May import: model, backend/client, backend/filelock.
package accounts
