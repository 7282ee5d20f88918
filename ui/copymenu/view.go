package copymenu

import (
	"image"
	"path"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/pane"
	"dossier/ui/style"
)

// firstForm is the row of the first form, below the parts.
const firstForm = 2

// labelWidth is the width of the labels in front of the input of a path.
const labelWidth = 7

// View draws the menu with a preview, or the form of the file's path.
func (m *Menu) View(size image.Point) string {
	if m.export != nil {
		lines, _ := m.export.draw(size)
		return pane.Fill(lines, size)
	}
	lines := []string{m.partLine(size.X), ""}
	for i := range m.forms {
		lines = append(lines, m.formLine(i, size.X))
	}
	notes := m.notes(size.X)
	lines = append(lines, m.rule(size.X))
	lines = append(lines, m.preview(image.Pt(size.X, size.Y-len(lines)-len(notes)))...)
	return pane.Fill(append(lines, notes...), size)
}

// partLine shows the parts, the chosen one emphasised.
func (m *Menu) partLine(width int) string {
	s := m.Styles
	var b strings.Builder
	names := [partCount]string{"value", "row", "document", "selection", "draft"}
	for _, p := range m.parts {
		how := s.Muted
		if p == m.part {
			how = s.Selected
		}
		b.WriteString(" " + s.Key.Render(m.Keys.KeyOf(keys.CopyMenu, partActions[p])) + " " + how.Render(names[p]) + " ")
	}
	return pane.Fit(b.String(), width)
}

func (m *Menu) formLine(i, width int) string {
	s := m.Styles
	prompt, how := "  ", s.Text
	if i == m.cursor {
		prompt, how = s.Prompt.Render(s.Glyphs.Cursor)+" ", s.Strong
	}
	key := m.Keys.KeyOf(keys.CopyMenu, formActions[m.forms[i]])
	return pane.Fit(" "+prompt+s.Key.Render(model.Show(key).Pad(2).String())+how.Render(forms[m.forms[i]]), width)
}

// rule separates the preview; it names the size of the text.
func (m *Menu) rule(width int) string {
	s := m.Styles
	title := model.Show("")
	switch {
	case m.requests.Busy():
		title = model.Show(" writing" + s.Glyphs.Ellipsis + " ")
	case m.fault == nil:
		title = model.Show(" " + model.ByteSize(len(m.content.text)) + " ")
	}
	title = title.Clip(max(0, width-4))
	return s.Border.Render(strings.Repeat(s.Frame.Top, 2)) + s.Muted.Render(title.String()) +
		s.Border.Render(strings.Repeat(s.Frame.Top, max(0, width-2-title.Width())))
}

// preview shows the first lines of the text.
func (m *Menu) preview(size image.Point) (lines []string) {
	if m.fault != nil {
		return pane.Wrapped(m.Styles.Bad, m.Styles.Glyphs.Bad+" "+m.State.FaultText(m.fault), size.X-2)
	}
	for rest, more := m.content.text, true; more && len(lines) < size.Y; {
		var line string
		line, rest, more = strings.Cut(rest, "\n")
		if more && len(lines) == size.Y-1 {
			line = m.Styles.Glyphs.Ellipsis
		}
		lines = append(lines, " "+m.Styles.Verbatim.Render(model.Clip(line, max(1, size.X-2)).String()))
	}
	for len(lines) < size.Y {
		lines = append(lines, "")
	}
	return lines
}

// notes says what the text does not represent, and why an action was not done.
func (m *Menu) notes(width int) (lines []string) {
	if lost := m.content.lost; len(lost) > 0 {
		lines = pane.Wrapped(m.Styles.Warn, m.Styles.Glyphs.Stale+" does not keep "+listed(lost), width-2)
		lines = lines[:min(len(lines), 2)]
	}
	if m.message != "" {
		lines = append(lines, pane.Wrapped(m.Styles.Warn, m.message, width-2)...)
	}
	return lines
}

// listed joins what is lost: "the type date, the type long" becomes "the types date, long".
func listed(lost []string) string {
	const one = "the type "
	var types, others []string
	for _, l := range lost {
		if kind, ok := strings.CutPrefix(l, one); ok {
			types = append(types, kind)
		} else {
			others = append(others, l)
		}
	}
	switch len(types) {
	case 0:
	case 1:
		others = append([]string{one + types[0]}, others...)
	default:
		others = append([]string{"the types " + strings.Join(types, ", ")}, others...)
	}
	return strings.Join(others, ", ")
}

// Cursor returns the position of the text cursor.
func (m *Menu) Cursor() *tea.Cursor {
	if m.export == nil || m.export.scope() != keys.ExportForm {
		return nil
	}
	_, x := m.export.draw(pane.Inner(m.Size(m.Screen)))
	return tea.NewCursor(x, 1)
}

// Size has the space of all forms and some lines of preview.
func (m *Menu) Size(screen image.Point) image.Point {
	const width, previewLines, frame, notes = 84, 8, 2, 2
	height := firstForm + int(formCount) + 1 + previewLines + notes + frame
	if m.export != nil {
		height = 13
	}
	return image.Pt(pane.FitWidth(width, screen.X), min(height, screen.Y-1))
}

// draw draws the form, and returns the cell of the text cursor.
func (e *export) draw(size image.Point) (lines []string, cursor int) {
	m, s := e.menu, e.menu.Styles
	available := max(1, size.X-labelWidth-3)
	prompt := s.Prompt.Render(s.Glyphs.Cursor) + " "
	label := func(text string) string { return " " + s.Muted.Render(model.Show(text).Pad(labelWidth-1).String()) }
	what := model.Show(m.source.describe(m.content.choice) + ", " + model.ByteSize(len(e.content())))
	lines = []string{"", label("file") + prompt + s.Input.Render(e.path.View(available)),
		label("") + "  " + s.Faint.Render(what.Clip(available).String()), ""}
	note := func(how style.Style, text string) {
		for _, l := range pane.Wrapped(how, text, size.X-labelWidth-3) {
			lines = append(lines, strings.Repeat(" ", labelWidth+1)+l)
		}
	}
	switch {
	case e.requests.Busy():
		note(s.Warn, "writing"+s.Glyphs.Ellipsis+m.Keys.Expand(" {waiting.cancel} stops waiting"))
	case e.replacing:
		note(s.Warn, e.path.Value()+m.Keys.Expand(" exists. {replace-file.accept} replaces it, {replace-file.cancel} goes "+
			"back."))
	case e.fault != nil:
		note(s.Bad, s.Glyphs.Bad+" "+m.State.FaultText(e.fault))
	default:
		for _, n := range e.names {
			shown := path.Base(n)
			if strings.HasSuffix(n, "/") {
				shown += "/"
			}
			lines = append(lines, strings.Repeat(" ", labelWidth+2)+s.Muted.Render(model.Clip(shown, available).String()))
		}
	}
	return lines, labelWidth + 2 + e.path.Cursor(available)
}
