package pane

import (
	"dossier/model"
	"dossier/ui/style"
)

// Wrapped returns raw text as styled lines of at most width cells, each after a space.
func Wrapped(how style.Style, text string, width int) (lines []string) {
	for _, l := range model.Show(text).Wrap(max(1, width)) {
		lines = append(lines, " "+how.Render(l.String()))
	}
	return lines
}
