// Package state holds the immutable value that panes and overlays show: the accounts and the current user.
//
// May import: model.
package state
