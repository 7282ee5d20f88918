package identities

import (
	"image"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

var _ pane.Pane = (*Pane)(nil)

// Pane shows the identities. Create it with New.
type Pane struct {
	pane.List
	state *state.State
	facts []pane.Fact // with a label: an identity's provider; without: a property of it
	rows  []pane.Fact // the facts, wrapped
}

// New returns the pane.
func New(s *style.Styles) *Pane { return &Pane{List: pane.List{Styles: s}, state: &state.State{}} }

// Update handles state changes and the messages of every list.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	p.HandleMsg(msg, 0)
	if m, ok := msg.(state.Changed); ok {
		p.state = m.State
		p.facts = identityFacts(m.State)
	}
	p.rows = p.layoutRows()
	p.Rows.Resize(len(p.rows), p.Size.Y)
	return nil
}

// layoutRows wraps the facts. An id must be readable in full: users compare it with others.
func (p *Pane) layoutRows() []pane.Fact {
	var rows []pane.Fact
	for _, f := range p.facts {
		for _, part := range f.Value.Wrap(max(1, p.Size.X-len(indent))) {
			f.Value = part
			rows = append(rows, f)
		}
	}
	return rows
}

// indent precedes the properties of an identity.
const indent = "  "

// identityFacts returns two or more facts per identity: provider, id, and the provider's data.
func identityFacts(r *state.State) []pane.Fact {
	var facts []pane.Fact
	for _, identity := range r.User.Identities {
		facts = append(facts,
			pane.Fact{Label: "provider", Value: model.Show(identity.ProviderType), Raw: identity.ProviderType, Public: true},
			pane.Fact{Value: r.ID(identity.ID), Raw: identity.ID})
		elements, err := identity.Data.Elements()
		if err != nil {
			continue
		}
		for _, e := range elements {
			facts = append(facts, pane.Fact{
				Value: model.Concat(model.Show(e.Key()+" "), r.Value(nil, e.Value())), Raw: model.Preview(e.Value()),
			})
		}
	}
	return facts
}

// Handle moves the selection, or copies the selected fact.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	if f, ok := p.FactToCopy(a, p.rows); ok {
		return nav.Send(nav.Copy{Text: f.Raw, Label: "value", Public: f.Public})
	}
	p.Rows.Move(a)
	return nil
}

// View draws the identities.
func (p *Pane) View(size image.Point) string {
	switch {
	case !p.state.HasUser:
		return p.Placeholder("not signed in", size)
	case len(p.rows) == 0:
		return p.Placeholder("no identities yet", size)
	}
	var lines []string
	from, to := p.Rows.VisibleRows()
	for i := from; i < to; i++ {
		f, textStyle, indent := p.rows[i], p.Styles.Muted, indent
		if f.Label != "" {
			textStyle, indent = p.Styles.Strong, " "
		}
		if p.IsSelected(i) {
			textStyle = style.OnRow(p.Styles.Selected, textStyle)
		}
		lines = append(lines, textStyle.Render(model.Concat(model.Show(indent), f.Value).Pad(size.X).String()))
	}
	return pane.Lines(lines, size.Y)
}

// Note returns the number of identities.
func (p *Pane) Note() model.Visible {
	if n := len(p.state.User.Identities); n > 0 {
		return model.Show(strconv.Itoa(n))
	}
	return model.Visible{}
}

// Scope is keys.Identities.
func (p *Pane) Scope() keys.Scope { return keys.Identities }

// Title returns the frame's title.
func (p *Pane) Title() model.Visible { return model.Show("identities") }
