// Package accounts holds the dialogs for the accounts on this machine: list, sign in, create an account,
// link an identity.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package accounts
