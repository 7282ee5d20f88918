package pane

import (
	"strings"

	"dossier/model"
	"dossier/ui/style"
)

// The cells of a row that are neither label nor value: beside a label, and before a value on a row of its own.
const (
	LabelGap    = 4
	ValueIndent = 2
)

// Fact is a label and its value; without a label it continues the fact above. A nil Style draws plain text.
type Fact struct {
	Label  string
	Value  model.Visible
	Style  *style.Style
	Raw    string // the text that is copied
	Public bool   // Raw contains no personal data
}

// Row draws a fact on one row: label column, then value.
func (f Fact) Row(s *style.Styles, labels, width int, selected bool) string {
	label, value, gap := s.Muted, s.Text, s.Text
	if f.Style != nil {
		value = *f.Style
	}
	if selected {
		label, value, gap = style.OnRow(s.Selected, label), style.OnRow(s.Selected, value), s.Selected
	}
	if f.Label == "" {
		return gap.Render(strings.Repeat(" ", ValueIndent)) + value.Render(
			f.Value.Pad(max(0, width-ValueIndent)).String())
	}
	available := max(0, width-labels-LabelGap)
	if available == 0 {
		return gap.Render(" ") + label.Render(model.Show(f.Label).Pad(max(0, width-1)).String())
	}
	return gap.Render(" ") + label.Render(model.Show(f.Label).Pad(labels).String()) + gap.Render("  ") +
		value.Render(f.Value.Pad(available).String()) + gap.Render(" ")
}

// LabelWidth returns the width of the widest label.
func LabelWidth(facts []Fact) int {
	width := 0
	for _, f := range facts {
		width = max(width, model.Show(f.Label).Width())
	}
	return width
}

// Lines joins the rows of a view and drops those beyond the height.
func Lines(lines []string, height int) string {
	return strings.Join(lines[:min(len(lines), max(0, height))], "\n")
}
