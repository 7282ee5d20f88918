// Package identities shows the identities of the current user.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package identities
