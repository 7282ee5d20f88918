// Package edit changes a document: one field, a new one, one taken away or the whole, reviewed as the exact update before it is saved, and settled when somebody else changed it meanwhile.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package edit
