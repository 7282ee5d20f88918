// Package ui is the screen program: one Bubble Tea model that routes keys, holds what is known about the current person, and draws panes and overlays.
//
// May import: model, themes, ui/account, ui/activity, ui/appearance, ui/ask, ui/compare, ui/document, ui/edit, ui/functions, ui/identities, ui/keys, ui/layout, ui/nav, ui/overlay, ui/pane, ui/people, ui/port, ui/record, ui/session, ui/style.
package ui
