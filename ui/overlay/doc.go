// Package overlay holds the dialogs that belong to no pane (help, command palette, confirmation, value viewer)
// and the toasts.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/request, ui/state, ui/style, ui/text.
package overlay
