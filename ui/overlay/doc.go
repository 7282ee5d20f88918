// Package overlay holds what floats above every pane and belongs to none: help, the command palette, a choice, a value in full, toasts.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style, ui/text.
package overlay
