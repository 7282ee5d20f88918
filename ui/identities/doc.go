// Package identities shows the ways a person proves who they are.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package identities
