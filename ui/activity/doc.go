// Package activity shows what happened, newest first: refreshes with the changes they brought, saves, faults.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style, ui/text.
package activity
