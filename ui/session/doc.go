// Package session is the pane of the snapshot's staleness: its state, the token's lifetime and the last check of the
// database.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package session
