// Package style builds the styles and glyphs of the screen from a theme.
//
// May import: model, themes.
package style
