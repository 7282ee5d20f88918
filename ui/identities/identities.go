package identities

import (
	"image"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/record"
	"dossier/ui/style"
)

var _ pane.Pane = (*Pane)(nil)

// Pane is the list of identities. Make it with New.
type Pane struct {
	styles  *style.Styles
	record  *record.Record
	size    image.Point
	focused bool
	scroll  pane.Scroll
	rows    []row
}

// row is one line: an identity's provider, or something about it.
type row struct {
	label    string // the provider; empty for what hangs below it
	value    model.Visible
	raw      string
	personal bool
}

// New makes the pane.
func New(s *style.Styles) *Pane { return &Pane{styles: s, record: &record.Record{}} }

// Update takes records, styles and sizes.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case record.Changed:
		p.record = m.Record
		p.rows = list(m.Record)
	case style.Changed:
		p.styles = m.Styles
	case pane.Resized:
		p.size = m.Size
	case pane.Focused:
		p.focused = m.On
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			p.scroll.Wheel(-1)
		} else if m.Button == tea.MouseWheelDown {
			p.scroll.Wheel(+1)
		}
	case tea.MouseClickMsg:
		p.scroll.Select(p.scroll.Top + m.Y)
	}
	p.scroll.Fit(len(p.rows), p.size.Y)
	return nil
}

// list is two or more rows an identity: provider, id, and what the provider knows.
func list(r *record.Record) []row {
	var rows []row
	for _, identity := range r.User.Identities {
		rows = append(rows, row{label: identity.ProviderType, value: model.Show(identity.ProviderType), raw: identity.ProviderType},
			row{value: model.Show(identity.ID), raw: identity.ID})
		elements, err := identity.Data.Elements()
		if err != nil {
			continue
		}
		for _, e := range elements {
			raw := model.Preview(e.Value())
			rows = append(rows, row{value: model.Show(e.Key() + " " + r.Text(raw).String()), raw: raw, personal: true})
		}
	}
	return rows
}

// Do moves, or copies the row under the cursor.
func (p *Pane) Do(a keys.Action) tea.Cmd {
	if p.scroll.Do(a) || a != keys.CopyValue || p.scroll.At >= len(p.rows) {
		return nil
	}
	r := p.rows[p.scroll.At]
	return nav.Send(nav.Copy{Text: r.raw, Name: "it", Personal: r.personal})
}

// View draws the identities.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	s := p.styles
	if len(p.rows) == 0 {
		why := "none known yet"
		if !p.record.Present {
			why = "nobody is signed in"
		}
		return pane.Lines([]string{"", "  " + s.Muted.Render(model.Show(why).Clip(max(0, size.X-3)).String())}, size.Y)
	}
	var lines []string
	from, to := p.scroll.Shown()
	for i := from; i < to; i++ {
		r := p.rows[i]
		look, indent := s.Muted, "  "
		if r.label != "" {
			look, indent = s.Strong, " "
		}
		if i == p.scroll.At && p.focused {
			look = style.On(s.Selected, look)
		}
		lines = append(lines, look.Render(model.Show(indent+r.value.String()).Pad(size.X).String()))
	}
	return pane.Lines(lines, size.Y)
}

// Note counts the identities.
func (p *Pane) Note() model.Visible {
	if n := len(p.record.User.Identities); n > 0 {
		return model.Show(strconv.Itoa(n))
	}
	return model.Visible{}
}

// Cursor is nil: nothing is typed here.
func (p *Pane) Cursor() *tea.Cursor { return nil }

// Capturing is false: nothing is typed here.
func (p *Pane) Capturing() bool { return false }

// Scope is where the pane stands in the table of keys.
func (p *Pane) Scope() keys.Scope { return keys.Identities }

// Title heads the frame.
func (p *Pane) Title() model.Visible { return model.Show("identities") }

// Place says where in the list the cursor stands.
func (p *Pane) Place() model.Visible { return p.scroll.Place() }
