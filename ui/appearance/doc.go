// Package appearance is the dialog that chooses a theme, showing each on the whole screen as the cursor passes it.
//
// May import: model, themes, ui/keys, ui/nav, ui/pane, ui/style.
package appearance
