// Package themes holds the colour themes, one TOML file per theme with a dark and a light palette,
// and loads themes of the user.
//
// May import: nothing of ours.
package themes
