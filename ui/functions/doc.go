// Package functions is the dialog that calls a function of the application: the function, its arguments, and its
// result.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package functions
