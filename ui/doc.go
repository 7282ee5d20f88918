// Package ui is the screen: one Bubble Tea model that routes messages, and draws panes and overlays.
//
// May import: model, themes, ui/accounts, ui/activity, ui/apikeys, ui/appearance, ui/compare, ui/copymenu,
// ui/currentuser, ui/document, ui/edit, ui/functions, ui/keys, ui/layout, ui/linear, ui/nav, ui/overlay, ui/pane,
// ui/port, ui/profile, ui/request, ui/session, ui/state, ui/story, ui/style.
package ui
