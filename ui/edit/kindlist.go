package edit

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/style"
)

// kindList is the list of types, one of them selected.
type kindList struct{ cursor int }

func newKindList(selected model.Kind) kindList {
	return kindList{max(0, slices.Index(model.Kinds(), selected))}
}

func (l *kindList) selected() model.Kind { return model.Kinds()[l.cursor] }

func (l *kindList) move(by int) { l.cursor = min(max(0, l.cursor+by), len(model.Kinds())-1) }

// scroll takes the mouse wheel.
func (l *kindList) scroll(m tea.MouseWheelMsg) { l.move(pane.WheelRows(m, 1)) }

// click selects the type in a row; false: there is none.
func (l *kindList) click(y, height int) bool {
	row := y + l.firstRow(height)
	if row < 0 || row >= len(model.Kinds()) {
		return false
	}
	l.cursor = row
	return true
}

// do carries out a movement.
func (l *kindList) do(a keys.Action) {
	const page = 8
	switch a {
	case keys.Up:
		l.move(-1)
	case keys.Down:
		l.move(1)
	case keys.PageUp:
		l.move(-page)
	case keys.PageDown:
		l.move(page)
	case keys.Top:
		l.cursor = 0
	case keys.Bottom:
		l.move(len(model.Kinds()))
	}
}

// firstRow returns the index of the first visible type.
func (l *kindList) firstRow(height int) int {
	return max(0, min(l.cursor-height/2, len(model.Kinds())-height))
}

// kindNote is what stands behind a type.
type kindNote struct {
	text  string
	style style.Style
	warn  string // shown after the text as a warning
}

// draw returns the visible types, each with a note; a bullet marks the current type.
func (l *kindList) draw(width, height int, current model.Kind, s *style.Styles,
	note func(model.Kind) kindNote) []string {
	const nameWidth = 20
	kinds := model.Kinds()
	var lines []string
	for i := l.firstRow(height); i < len(kinds) && len(lines) < height; i++ {
		mark := "  "
		if kinds[i] == current {
			mark = s.Glyphs.Bullet + " "
		}
		n := note(kinds[i])
		name, rest := model.Show(string(kinds[i])).Pad(nameWidth).String(), max(1, width-nameWidth-4)
		text := model.Show(n.text).Clip(rest)
		warn := model.Show(n.warn)
		if warn.Width() > 0 {
			text = model.Show(n.text).Clip(max(1, rest-warn.Width()-2))
			warn = warn.Clip(max(0, rest-text.Width()-2))
		}
		if i == l.cursor {
			shown := text.String()
			if warn.Width() > 0 {
				shown += "  " + warn.String()
			}
			lines = append(lines, s.Selected.Render(s.Glyphs.Cursor+mark+name+model.Show(shown).Pad(rest+1).String()))
			continue
		}
		line := " " + s.Muted.Render(mark) + s.Text.Render(name) + n.style.Render(text.String())
		if warn.Width() > 0 {
			line += "  " + s.Warn.Render(warn.String())
		}
		lines = append(lines, line)
	}
	return lines
}
