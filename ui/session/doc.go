// Package session shows how old the application's copy is: the state, the token's life, and when the database was last looked at.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package session
