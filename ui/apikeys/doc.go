// Package apikeys is the dialog of the user's API keys: list, create, disable, enable, delete.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package apikeys
