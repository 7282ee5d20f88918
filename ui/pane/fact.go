package pane

import (
	"strings"

	"charm.land/lipgloss/v2"

	"dossier/model"
	"dossier/ui/style"
)

// Fact is a label and what there is to say under it. A zero Look draws it as plain text.
type Fact struct {
	Label string
	Value model.Visible
	Look  *lipgloss.Style
}

// Row draws a fact on one line, the label in a column of its own.
func (f Fact) Row(s *style.Styles, labels, width int, selected, focused bool) string {
	label, value := s.Muted, s.Text
	if f.Look != nil {
		value = *f.Look
	}
	gap := s.Text
	if selected {
		ground := s.SelectedBlurred
		if focused {
			ground = s.Selected
		}
		label, value, gap = style.On(ground, label), style.On(ground, value), ground
	}
	room := max(0, width-labels-4)
	if room == 0 {
		return gap.Render(" ") + label.Render(model.Show(f.Label).Pad(max(0, width-1)).String())
	}
	return gap.Render(" ") + label.Render(model.Show(f.Label).Pad(labels).String()) + gap.Render("  ") + value.Render(f.Value.Pad(room).String()) + gap.Render(" ")
}

// Labels is the width of the widest label.
func Labels(facts []Fact) int {
	width := 0
	for _, f := range facts {
		width = max(width, model.Show(f.Label).Width())
	}
	return width
}

// Lines joins the rows of a view and drops what does not fit the height.
func Lines(lines []string, height int) string {
	return strings.Join(lines[:min(len(lines), max(0, height))], "\n")
}
