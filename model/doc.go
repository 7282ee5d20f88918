// Package model defines dossier's values: users, tokens, snapshots, documents, paths, drafts and faults. It does no
// I/O, reads no clock and draws nothing; all functions are deterministic.
//
// May import: nothing of ours.
package model
