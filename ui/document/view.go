package document

import (
	"fmt"
	"image"
	"strings"

	"dossier/model"
)

// View draws the visible rows, the details of the selected one, and the lines below them.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	lines := make([]string, 0, size.Y)
	if p.tree.Len() == 0 {
		lines = p.emptyLines(size.X)
	}
	lines = p.rows(lines, size.X)
	below := append(p.detail(size.X), p.lines(size.X)...)
	for len(lines) < size.Y-len(below) {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, size.Y-len(below))], below...)
	return strings.Join(lines[:min(len(lines), size.Y)], "\n")
}

// rows draws the visible rows: ancestors that stay visible, and below them those of the viewport.
func (p *Pane) rows(lines []string, width int) []string {
	l, sticky := p.rowLayout(width), p.sticky()
	from, to := p.scroll.VisibleRows()
	for i := from; i < to; i++ {
		at := i
		if line := i - from; line < len(sticky) {
			at = sticky[line]
		}
		if at == p.inputRow() {
			lines = append(lines, p.drawInput(p.tree.Row(at), l, width))
			continue
		}
		lines = append(lines, p.row(p.tree.Row(at), at == p.scroll.Selected, at != i, l, width))
	}
	return lines
}

// Note returns the kept draft, the number of outdated fields, and where the values come from and of when they are. What
// does not fit is left out, the time last.
func (p *Pane) Note() model.Visible {
	if !p.state.HasUser {
		return model.Visible{}
	}
	source := "in the token of " + p.state.FormatTime(p.state.Session.Snapshot.IssuedAt)
	if p.fromDatabase {
		source = "database at " + p.state.FormatTime(p.state.LastCheck.CheckedAt)
	}
	var parts []string
	if d := p.state.Draft; d != nil {
		parts = append(parts, p.styles.Glyphs.Draft+" "+draftNote(d), p.keys.Expand("{document.review-draft} reviews"))
	}
	if n := len(p.chosen.paths); n > 0 {
		parts, source = append([]string{fmt.Sprintf("%d selected, esc clears", n)}, parts[:min(1, len(parts))]...), ""
	}
	if n := len(p.marks.byPath); n > 0 && !p.fromDatabase {
		parts = append(parts, fmt.Sprintf("%d outdated", n))
	}
	separator := " " + p.styles.Glyphs.Separator + " "
	all := parts
	if source != "" {
		all = append(all, source)
	}
	note := model.Show(strings.Join(all, separator))
	if note.Width()+len("custom data")+8 > p.size.X && len(parts) > 0 {
		note = model.Show(strings.Join(parts, separator))
	}
	return note
}
