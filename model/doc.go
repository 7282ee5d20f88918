// Package model holds what dossier talks about: people, tokens, snapshots, documents, paths, drafts and faults, as values without I/O, clock or terminal.
//
// May import: nothing of ours.
package model
