// Package compare shows the snapshot of the token beside the document in the database, field by field.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package compare
