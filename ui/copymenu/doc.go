// Package copymenu is the dialog that copies a part of the document in a chosen format, or writes it to a file.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package copymenu
