// Package text holds the text fields of the screen: the value is exactly what was typed, byte for byte;
// only visible characters are drawn.
//
// May import: model, ui/style.
package text
