// Package text holds the fields that people type into: they keep exactly what was typed, byte for byte, and show only what is visible.
//
// May import: model, ui/style.
package text
