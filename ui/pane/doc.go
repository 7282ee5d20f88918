// Package pane says what a region of the screen is, and draws the frame around one.
//
// May import: model, ui/keys, ui/style.
package pane
