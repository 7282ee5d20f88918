package document

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
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

// Note returns the whole note, see NoteWithin.
func (p *Pane) Note() model.Visible { return p.NoteWithin(math.MaxInt) }

// NoteWithin returns the extent of the draft, the number of outdated fields, and which document shows its values: that
// of the token or of the database, and of when it is. What has no space is left out: words first, numbers never.
func (p *Pane) NoteWithin(width int) model.Visible {
	if !p.state.HasUser {
		return model.Visible{}
	}
	short := "token of " + p.state.FormatTime(p.state.Session.Snapshot.IssuedAt)
	source, brief := []string{"in the " + short}, []string{short}
	if p.fromDatabase {
		source = []string{"database at " + p.state.FormatTime(p.state.LastCheck.CheckedAt)}
		brief = source
	}
	var edits, review, outdated, signs []string
	if d := p.state.Draft; d != nil {
		edits = []string{p.styles.Glyphs.Draft + " " + draftNote(d)}
		review = []string{p.keys.Expand("{document.review-draft} reviews")}
		signs = []string{p.styles.Glyphs.Draft}
		if n := d.Count(); n > 0 {
			signs[0] += strconv.Itoa(n)
		}
	}
	if n := len(p.marks.byPath); n > 0 && !p.fromDatabase {
		outdated = []string{fmt.Sprintf("%d outdated", n)}
		signs = append(signs, p.styles.Glyphs.Stale+strconv.Itoa(n))
	}
	if n := len(p.chosen.paths); n > 0 {
		edits = append([]string{strconv.Itoa(n) + p.keys.Expand(" selected, {document.cancel} clears")}, edits...)
		source, brief, outdated = nil, nil, nil
	}
	separator, note := " "+p.styles.Glyphs.Separator+" ", model.Visible{}
	for _, parts := range [][]string{
		slices.Concat(edits, review, outdated, source), slices.Concat(edits, outdated, source),
		slices.Concat(edits, outdated, brief), slices.Concat(edits, outdated), {strings.Join(signs, " ")},
	} {
		if note = model.Show(strings.Join(parts, separator)); note.Width() <= width {
			break
		}
	}
	return note
}
