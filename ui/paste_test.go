package ui_test

import (
	"testing"

	"dossier/ui/uitest"
)

// TestAPastedLineNeedsNoTrimming pastes what terminals and editors copy, a line with its line break, into the fields of
// one line.
func TestAPastedLineNeedsNoTrimming(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r", "\r\r"} {
		backend, _ := uitest.Demo()
		d := start(t, backend, wide)
		d.Press("/").Paste("devices.1.os"+end).See("1 of 1", "─ devices › 1 › os", "macOS 26").DontSee("os⏎")
		d.Press("esc", "?", "/").Paste("copy the value"+end).See("y").DontSee("value⏎", "no key does this")
		d.Press("esc", "esc", "ctrl+k").Paste("mask"+end).DontSee("mask⏎", "no matching command")
		d.Press("esc", "f", "enter").Paste(`["blue"]` + end).See(`["blue"]`).DontSee(`]⏎`)
		d.Press("esc", "esc", "s", "a").Paste("new@example.com" + end).See("new@example.com").DontSee("com⏎")
	}
}

// TestAPastedLineBreakBecomesASpace: lists of commands and keys have no line breaks; a value may.
func TestAPastedLineBreakBecomesASpace(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("/").Paste("documents.\nWrites\n").See("1 of 1", "documents.⏎Writes")
	d.Press("esc", "?", "/").Paste("copy\nvalue\n").See("copy value").DontSee("copy⏎")
}
