// Package functions is the dialog that calls a function of the application: the function, its arguments, its result,
// and the calls of this run.
//
// May import: model, ui/document, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package functions
