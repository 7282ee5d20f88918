// Package uitest drives the screen in tests without a terminal and without sleeping: a fake backend, keys, time,
// frames.
//
// May import: model, themes, ui, ui/keys, ui/port, ui/style.
package uitest
