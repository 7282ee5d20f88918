package profile

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

var _ pane.Pane = (*Pane)(nil)

// Pane shows the profile. Create it with New.
type Pane struct {
	pane.List
	facts []pane.Fact // one per value
	rows  []pane.Fact // one per line: a value too wide for its line continues below its label
}

// New returns the pane.
func New(s *style.Styles) *Pane { return &Pane{List: pane.List{Styles: s}} }

// Update handles state changes and the messages of every list.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	p.HandleMsg(msg, 0)
	if m, ok := msg.(state.Changed); ok {
		p.facts = profileFacts(m.State)
	}
	p.rows = p.layoutRows()
	p.Rows.Resize(len(p.rows), p.Size.Y)
	return nil
}

// layoutRows builds the rows. An id must be readable in full: users read it out to support.
func (p *Pane) layoutRows() []pane.Fact {
	var rows []pane.Fact
	beside := p.Size.X - min(p.maxLabelWidth(), pane.LabelWidth(p.facts)) - pane.LabelGap
	for _, f := range p.facts {
		if p.Size.X < minWrapWidth || f.Value.Width() <= beside {
			rows = append(rows, f)
			continue
		}
		rows = append(rows, pane.Fact{Label: f.Label, Raw: f.Raw, Public: f.Public})
		for _, part := range f.Value.Wrap(p.Size.X - pane.ValueIndent) {
			rows = append(rows, pane.Fact{Value: part, Raw: f.Raw, Public: f.Public})
		}
	}
	return rows
}

// minWrapWidth is the width below which a value is cut instead of wrapped.
const minWrapWidth = 12

// maxLabelWidth returns the limit of the label column.
func (p *Pane) maxLabelWidth() int { return max(4, p.Size.X/3) }

// profileFacts lists what is known about the current user.
func profileFacts(r *state.State) []pane.Fact {
	if !r.HasUser {
		return nil
	}
	var facts []pane.Fact
	add := func(label, raw string, shown model.Visible) {
		if raw != "" {
			facts = append(facts, pane.Fact{Label: label, Value: shown, Raw: raw})
		}
	}
	addPublic := func(label, text string) {
		if text != "" {
			facts = append(facts, pane.Fact{Label: label, Value: model.Show(text), Raw: text, Public: true})
		}
	}
	add("id", r.Account.UserID, r.ID(r.Account.UserID))
	addPublic("type", r.User.Type)
	elements, err := r.User.Data.Elements()
	if err == nil {
		for _, e := range elements {
			add(e.Key(), model.Preview(e.Value()), r.Value(nil, e.Value()))
		}
	}
	if len(elements) == 0 {
		add("name", r.Account.Name, r.Text(r.Account.Name))
	}
	addPublic("provider", r.Account.Provider)
	addPublic("app", r.Account.AppID)
	addPublic("service", r.Account.Server)
	if config := r.App().CustomData; config.Complete() {
		addPublic("data in", config.Database+"."+config.Collection)
		addPublic("id field", config.UserIDField)
	}
	return facts
}

// Handle moves the selection, or copies the selected fact.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	if f, ok := p.FactToCopy(a, p.rows); ok {
		return nav.Send(nav.Copy{Text: f.Raw, Label: f.Label, Public: f.Public})
	}
	p.Rows.Move(a)
	return nil
}

// View draws the facts.
func (p *Pane) View(size image.Point) string {
	if len(p.facts) == 0 {
		return p.Placeholder("not signed in", size)
	}
	return pane.Lines(p.FactRows(p.rows, p.maxLabelWidth(), size.X), size.Y)
}

// Scope is keys.Account.
func (p *Pane) Scope() keys.Scope { return keys.Account }

// Title returns the frame's title.
func (p *Pane) Title() model.Visible { return model.Show("account") }
