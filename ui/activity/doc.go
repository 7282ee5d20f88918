// Package activity shows what happened, newest first: renewals with what they changed, saves, failures.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package activity
