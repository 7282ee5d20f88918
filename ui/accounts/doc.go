// Package accounts is the dialogs about who is signed in: the list of accounts, signing in, creating an account and linking another identity.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/port, ui/state, ui/style, ui/text.
package accounts
