// Package account shows whose account it is: the profile as the service gives it.
//
// May import: model, ui/keys, ui/nav, ui/pane, ui/record, ui/style.
package account
