// Package ui is the screen program: one Bubble Tea model that routes keys, holds what is known about the current person, and draws panes and overlays.
//
// May import: model, themes, ui/profile, ui/activity, ui/appearance, ui/request, ui/compare, ui/document, ui/edit, ui/functions, ui/identities, ui/keys, ui/layout, ui/nav, ui/overlay, ui/pane, ui/accounts, ui/port, ui/state, ui/session, ui/style.
package ui
