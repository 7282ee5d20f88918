package edit

import (
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
)

// rowStage is a stage that can be drawn in a row of the custom data pane.
type rowStage interface {
	stage
	// fitsRow reports whether the input takes a single line.
	fitsRow() bool
	// drawRow returns the styled input in at most width cells and the cell of the cursor; -1: none.
	drawRow(width int) (string, int)
	// rowNotes returns styled lines about the input: its type and why it is not valid.
	rowNotes(width int) []string
}

// FitsRow reports whether the input can be drawn in its row; otherwise it needs a dialog.
func (e *Editor) FitsRow() bool {
	s, ok := e.stage.(rowStage)
	return ok && e.inRow && s.fitsRow()
}

// ToDialog makes the input a dialog.
func (e *Editor) ToDialog() { e.inRow = false }

// Path returns the field of an input in a row.
func (e *Editor) Path() model.Path {
	switch t := e.task.(type) {
	case fieldTask:
		return t.path
	case renameTask:
		return t.path
	}
	return nil
}

// DrawRow returns the input in exactly width cells, and the cell of the text cursor; -1: none.
func (e *Editor) DrawRow(width int) (string, int) {
	s, ok := e.stage.(rowStage)
	if !ok || width <= 0 {
		return strings.Repeat(" ", max(0, width)), -1
	}
	line, at := s.drawRow(width)
	line = ansi.TruncateWc(line, width, "")
	if at >= width {
		at = width - 1
	}
	return line + strings.Repeat(" ", max(0, width-ansi.StringWidthWc(line))), at
}

// RowNotes returns lines about the input, each of at most width cells.
func (e *Editor) RowNotes(width int) []string {
	if s, ok := e.stage.(rowStage); ok {
		return s.rowNotes(width)
	}
	return nil
}

func (r *loading) fitsRow() bool { return r.fault == nil }

func (r *loading) drawRow(int) (string, int) {
	return r.e.Styles.Muted.Render("reading the document" + r.e.Styles.Glyphs.Ellipsis), -1
}

func (r *loading) rowNotes(int) []string { return nil }

func (f *form) fitsRow() bool { return !f.editsName && !f.isElement && f.input.area == nil }

func (f *form) drawRow(width int) (string, int) {
	rows, at := f.input.draw(image.Pt(width, 1), true, -1, f.e.Styles)
	if at == nil {
		return rows[0], -1
	}
	return rows[0], at.X
}

// rowNotes returns the type, the value in the database and what is wrong, the most important first.
func (f *form) rowNotes(width int) []string {
	s := f.e.Styles
	lines := f.footerLines(" ", max(1, width-2))
	for _, n := range f.notices {
		lines = append([]string{" " + s.Warn.Render(model.Show(s.Glyphs.Stale+" "+n).Clip(max(1, width-2)).String())},
			lines...)
	}
	if f.validator.fault == nil || f.input.size() == 0 {
		kind := " " + f.typeText()
		if !f.old.IsZero() && (f.changed() || !model.Identical(f.old, f.current)) {
			kind += s.Muted.Render("  was ") + f.e.display(f.path, f.old).Clip(max(1, width-ansi.StringWidthWc(kind)-7)).String()
		}
		lines = append([]string{ansi.TruncateWc(kind, width, "")}, lines...)
	}
	return lines
}
