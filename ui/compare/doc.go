// Package compare lays the token's copy beside what the database holds, field by field.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package compare
