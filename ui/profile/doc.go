// Package profile shows the current account and the user's profile from the service.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package profile
