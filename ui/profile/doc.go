// Package profile shows whose account it is: the profile as the service gives it.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package profile
