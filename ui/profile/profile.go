package profile

import (
	"image"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

var (
	_ pane.Pane     = (*Pane)(nil)
	_ pane.WithRows = (*Pane)(nil)
)

// Pane shows the account: without the focus in short terms, with it each fact on a line and in full. Create it with
// New.
type Pane struct {
	pane.List
	terms []model.Visible // short, after the id
	id    model.Visible
	short model.Visible // the id, shortened
	facts []pane.Fact   // one per value
	rows  []pane.Fact   // one per line: a value too wide for its line continues below its label
}

// New returns the pane.
func New(s *style.Styles) *Pane { return &Pane{List: pane.List{Styles: s}} }

// Update handles state changes and the messages of every list.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	p.HandleMsg(msg, 0)
	if m, ok := msg.(state.Changed); ok {
		p.id, p.short, p.terms = m.State.ID(m.State.Account.UserID), m.State.ShortID(m.State.Account.UserID),
			shortTerms(m.State)
		p.facts = slices.Concat(profileFacts(m.State), identityFacts(m.State))
	}
	p.rows = p.rowsAt(p.Size.X)
	p.Rows.Resize(len(p.rows), p.Size.Y)
	return nil
}

// RowsAt returns the lines of the terms, with the focus those of the facts.
func (p *Pane) RowsAt(width int) int {
	if p.Focused {
		return len(p.rowsAt(width))
	}
	return len(p.lines(width))
}

// rowsAt returns the rows of the facts. An id must be readable in full: users read it out to support.
func (p *Pane) rowsAt(width int) []pane.Fact {
	var rows []pane.Fact
	beside := width - min(maxLabelWidth(width), pane.LabelWidth(p.facts)) - pane.LabelGap
	for _, f := range p.facts {
		if width < minWrapWidth || f.Label != "" && f.Value.Width() <= beside {
			rows = append(rows, f)
			continue
		}
		if f.Label != "" {
			rows = append(rows, pane.Fact{Label: f.Label, Raw: f.Raw, Public: f.Public})
		}
		for _, part := range f.Value.Wrap(width - pane.ValueIndent) {
			rows = append(rows, pane.Fact{Value: part, Raw: f.Raw, Public: f.Public})
		}
	}
	return rows
}

// minWrapWidth is the width below which a value is cut instead of wrapped.
const minWrapWidth = 12

// maxLabelWidth returns the limit of the label column.
func maxLabelWidth(width int) int { return max(4, width/3) }

// Handle moves the selection, or copies the selected fact.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	if f, ok := p.FactToCopy(a, p.rows); ok {
		return nav.Send(nav.Copy{Text: f.Raw, Label: strings.TrimSpace(f.Label), Public: f.Public})
	}
	p.Rows.Move(a)
	return nil
}

// View draws the terms, with the focus the facts.
func (p *Pane) View(size image.Point) string {
	switch {
	case len(p.facts) == 0 && size.Y == 1:
		return " " + p.Styles.Muted.Render("not signed in")
	case len(p.facts) == 0:
		return p.Placeholder("not signed in", size)
	case p.Focused:
		return pane.Lines(p.FactRows(p.rows, maxLabelWidth(size.X), size.X), size.Y)
	}
	lines := p.lines(size.X)
	if len(lines) > size.Y && size.Y > 0 { // tab shows the rest
		lines = lines[:size.Y]
		lines[size.Y-1] = pane.Fit(lines[size.Y-1], max(0, size.X-2)) + p.Styles.Faint.Render(p.Styles.Glyphs.Ellipsis) + " "
	}
	return pane.Lines(lines, size.Y)
}

// lines draws the id and the terms. The id is whole if everything then fits on one line.
func (p *Pane) lines(width int) []string {
	if lines := p.flow(p.id, width); len(lines) <= 1 {
		return lines
	}
	return p.flow(p.short, width)
}

// flow draws the id and the terms, as many on a line as fit. A term is never wrapped.
func (p *Pane) flow(id model.Visible, width int) []string {
	if len(p.facts) == 0 {
		return nil
	}
	separator := " " + p.Styles.Glyphs.Separator + " "
	var lines []string
	var b strings.Builder
	used := 0
	for _, term := range slices.Concat([]model.Visible{id}, p.terms) {
		term = term.Clip(max(1, width-2))
		if used > 0 && used+3+term.Width()+1 > width {
			lines = append(lines, b.String())
			b.Reset()
			used = 0
		}
		if used == 0 {
			b.WriteByte(' ')
			used = 1
		} else {
			p.Styles.Faint.Write(&b, separator)
			used += 3
		}
		p.Styles.Muted.Write(&b, term.String())
		used += term.Width()
	}
	if used > 0 {
		lines = append(lines, b.String())
	}
	return lines
}

// Position returns the position of the cursor among the facts.
func (p *Pane) Position() model.Visible {
	if !p.Focused {
		return model.Visible{}
	}
	return p.List.Position()
}

// Scope is keys.Account.
func (p *Pane) Scope() keys.Scope { return keys.Account }

// Title returns the frame's title.
func (p *Pane) Title() model.Visible { return model.Show("account") }
