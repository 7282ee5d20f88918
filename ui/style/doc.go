// Package style turns a theme into one value of named styles and glyphs.
//
// May import: model, themes.
package style
