// Package accounts keeps the people who signed in on this machine, their tokens and what they typed and did not save, between runs and between processes.
//
// May import: model, backend/client, backend/filelock.
package accounts
