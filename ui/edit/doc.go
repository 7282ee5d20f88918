// Package edit is the dialog that changes a document: it edits, adds or removes a field, or edits the whole document.
// It shows the exact update for review before it saves, and resolves conflicts with concurrent changes.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package edit
