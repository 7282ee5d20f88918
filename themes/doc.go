// Package themes holds dossier's colours by role, one TOML file a theme with a dark and a light palette, and reads people's own.
//
// May import: nothing of ours.
package themes
