package account

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/record"
	"dossier/ui/style"
)

var _ pane.Pane = (*Pane)(nil)

// Pane is the profile. Make it with New.
type Pane struct {
	styles  *style.Styles
	record  *record.Record
	size    image.Point
	focused bool
	scroll  pane.Scroll
	facts   []fact
}

// fact is a shown fact and the text behind it, for copying.
type fact struct {
	pane.Fact
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
		p.facts = profile(m.Record)
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
	p.scroll.Fit(len(p.facts), p.size.Y)
	return nil
}

// profile lists what is known about a person.
func profile(r *record.Record) []fact {
	if !r.Present {
		return nil
	}
	var facts []fact
	add := func(label, raw string, personal bool) {
		if raw == "" {
			return
		}
		shown := model.Show(raw)
		if personal {
			shown = r.Text(raw)
		}
		facts = append(facts, fact{Fact: pane.Fact{Label: label, Value: shown}, raw: raw, personal: personal})
	}
	add("id", r.Account.UserID, false)
	add("type", r.User.Type, false)
	elements, err := r.User.Data.Elements()
	if err == nil {
		for _, e := range elements {
			add(model.Show(e.Key()).String(), model.Preview(e.Value()), true)
		}
	}
	if len(elements) == 0 {
		add("name", r.Account.Name, true)
	}
	add("provider", r.Account.Provider, false)
	add("app", r.Account.AppID, false)
	add("service", r.Account.Server, false)
	if config := r.App().CustomData; config.Named() {
		add("data in", config.Database+"."+config.Collection, false)
		add("id field", config.UserIDField, false)
	}
	return facts
}

// Do moves, or copies the fact under the cursor.
func (p *Pane) Do(a keys.Action) tea.Cmd {
	if p.scroll.Do(a) || a != keys.CopyValue || p.scroll.At >= len(p.facts) {
		return nil
	}
	f := p.facts[p.scroll.At]
	return nav.Send(nav.Copy{Text: f.raw, Name: f.Label, Personal: f.personal})
}

// View draws the facts.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	if len(p.facts) == 0 {
		return pane.Lines([]string{"", "  " + p.styles.Muted.Render(model.Show("nobody is signed in").Clip(max(0, size.X-3)).String())}, size.Y)
	}
	plain := make([]pane.Fact, len(p.facts))
	for i, f := range p.facts {
		plain[i] = f.Fact
	}
	labels := min(pane.Labels(plain), max(4, size.X/3))
	var lines []string
	from, to := p.scroll.Shown()
	for i := from; i < to; i++ {
		lines = append(lines, plain[i].Row(p.styles, labels, size.X, i == p.scroll.At && p.focused, p.focused))
	}
	return pane.Lines(lines, size.Y)
}

// Cursor is nil: nothing is typed here.
func (p *Pane) Cursor() *tea.Cursor { return nil }

// Capturing is false: nothing is typed here.
func (p *Pane) Capturing() bool { return false }

// Scope is where the pane stands in the table of keys.
func (p *Pane) Scope() keys.Scope { return keys.Account }

// Title heads the frame.
func (p *Pane) Title() model.Visible { return model.Show("account") }

// Place says where in the list the cursor stands.
func (p *Pane) Place() model.Visible { return p.scroll.Place() }
