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

// Pane is the identities. Make it with New.
type Pane struct {
	pane.List
	state *state.State
	facts []pane.Fact // with a label: an identity's provider; without: something about it
	rows  []pane.Fact // the facts on as many lines as they need
}

// New makes the pane.
func New(s *style.Styles) *Pane { return &Pane{List: pane.List{Styles: s}, state: &state.State{}} }

// Update takes records, and what every list takes.
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

// layoutRows breaks what is too wide for the pane: an id that is compared with another has to be there whole.
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

// indent stands before what there is to say about an identity.
const indent = "  "

// identityFacts is two or more facts an identity: provider, id, and what the provider knows.
func identityFacts(r *state.State) []pane.Fact {
	var facts []pane.Fact
	for _, identity := range r.User.Identities {
		facts = append(facts,
			pane.Fact{Label: "provider", Value: model.Show(identity.ProviderType), Raw: identity.ProviderType},
			pane.Fact{Value: model.Show(identity.ID), Raw: identity.ID})
		elements, err := identity.Data.Elements()
		if err != nil {
			continue
		}
		for _, e := range elements {
			raw := model.Preview(e.Value())
			facts = append(facts, pane.Fact{Value: model.Show(e.Key() + " " + r.Text(raw).String()), Raw: raw, Personal: true})
		}
	}
	return facts
}

// Handle moves, or copies the fact under the cursor.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	if f, ok := p.FactToCopy(a, p.rows); ok {
		return nav.Send(nav.Copy{Text: f.Raw, Label: "it", Personal: f.Personal})
	}
	p.Rows.Move(a)
	return nil
}

// View draws the identities.
func (p *Pane) View(size image.Point) string {
	switch {
	case !p.state.HasUser:
		return p.Placeholder("nobody is signed in", size)
	case len(p.rows) == 0:
		return p.Placeholder("none known yet", size)
	}
	var lines []string
	from, to := p.Rows.VisibleRows()
	for i := from; i < to; i++ {
		f, look, indent := p.rows[i], p.Styles.Muted, indent
		if f.Label != "" {
			look, indent = p.Styles.Strong, " "
		}
		if p.IsSelected(i) {
			look = style.OnRow(p.Styles.Selected, look)
		}
		lines = append(lines, style.Draw(look, model.Show(indent+f.Value.String()).Pad(size.X).String()))
	}
	return pane.Lines(lines, size.Y)
}

// Note counts the identities.
func (p *Pane) Note() model.Visible {
	if n := len(p.state.User.Identities); n > 0 {
		return model.Show(strconv.Itoa(n))
	}
	return model.Visible{}
}

// Scope is where the pane stands in the table of keys.
func (p *Pane) Scope() keys.Scope { return keys.Identities }

// Title heads the frame.
func (p *Pane) Title() model.Visible { return model.Show("identities") }
