// Package appearance is the theme picker, with a preview on the whole screen.
//
// May import: model, themes, ui/keys, ui/nav, ui/pane, ui/state, ui/style.
package appearance
