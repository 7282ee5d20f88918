// Package functions is the dialog that calls a function of the application: which one, with which arguments, and what it returned.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package functions
