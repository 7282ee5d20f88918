package session

import (
	"fmt"
	"image"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

var _ pane.Pane = (*Pane)(nil)

// Pane is the staleness timer. Make it with New.
type Pane struct {
	pane.List
	state *state.State
	now   time.Time
}

// New makes the pane at a first time.
func New(s *style.Styles, now time.Time) *Pane {
	return &Pane{List: pane.List{Styles: s}, state: &state.State{}, now: now}
}

// Update takes ticks and records, and what every list takes.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	p.HandleMsg(msg, p.above())
	switch m := msg.(type) {
	case state.Tick:
		p.now = m.Now
	case state.Changed:
		p.state = m.State
	}
	p.Rows.Resize(len(p.facts()), p.Size.Y-p.above()-p.below())
	return nil
}

// Handle moves, or copies the fact under the cursor.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	if f, ok := p.FactToCopy(a, p.facts()); ok {
		return nav.Send(nav.Copy{Text: f.Value.String(), Label: f.Label})
	}
	p.Rows.Move(a)
	return nil
}

// above is how many lines the state and the gauge take.
func (p *Pane) above() int {
	if p.Size.Y < 9 {
		return 3
	}
	return 4
}

// below is how many lines the findings take.
func (p *Pane) below() int {
	return min(len(p.findings(p.Size.X)), max(0, p.Size.Y-p.above()-4))
}

// View draws the state, the gauge, the times and what was found out.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	s, r := p.Styles, p.state
	if !r.HasUser {
		return p.Placeholder("nobody is signed in", size)
	}
	word, badge := Badge(r, s, p.now)
	timer := model.Show(Timer(r, p.now))
	state := " " + badge.Render(model.Show(" "+word+" ").Clip(max(0, size.X-1)).String())
	lines := []string{
		pane.Fit(state, max(0, size.X-timer.Width()-1)) + s.Strong.Render(timer.String()),
		" " + s.Text.Render(model.Show(Sentence(r, p.now)).Clip(max(0, size.X-2)).String()),
		p.gauge(size.X),
	}
	if p.above() == 4 {
		lines = append(lines, "")
	}
	lines = append(lines, p.FactRows(p.facts(), size.X, size.X)...)
	for i, line := range p.findings(size.X) {
		if i < p.below() {
			lines = append(lines, line)
		}
	}
	return pane.Lines(lines, size.Y)
}

// gauge is the token's life as a bar.
func (p *Pane) gauge(width int) string {
	s := p.Styles
	bar := max(0, width-2)
	full := int(float64(bar)*p.state.Staleness.Elapsed(p.now) + 0.5)
	look := s.GaugeFull
	if p.state.StalenessState(p.now) == model.Due {
		look = s.Warn
	}
	return " " + look.Render(strings.Repeat(s.Glyphs.GaugeFull, full)) + s.GaugeEmpty.Render(strings.Repeat(s.Glyphs.GaugeEmpty, bar-full))
}

func (p *Pane) facts() []pane.Fact {
	r, now := p.state, p.now
	if !r.HasUser {
		return nil
	}
	expires := r.FormatTime(r.Staleness.ExpiresAt)
	if r.StalenessState(now) != model.Unknown && r.Staleness.Remaining(now) <= 0 {
		expires += ", passed"
	}
	database := "not since it was minted"
	if !r.Staleness.CheckedAt.IsZero() {
		database = r.FormatTime(r.Staleness.CheckedAt)
	}
	facts := []pane.Fact{
		{Label: "issued", Value: model.Show(r.FormatTime(r.Staleness.IssuedAt))},
		{Label: "expires", Value: model.Show(expires)},
		{Label: "age", Value: model.Show(Span(r.Staleness.Age(now)))},
		{Label: "looked at", Value: model.Show(database)},
	}
	switch n := len(r.Outdated); {
	case n > 0:
		facts = append(facts, pane.Fact{Label: "differs", Value: model.Show(plural(n, "field") + ": c compares"), Style: &p.Styles.Modified})
	case r.Watching && r.Reachable && r.Session.SignedIn:
		facts = append(facts, pane.Fact{Label: "changes", Value: model.Show("watched as they happen")})
	case r.NoChangeStreams && r.Reachable && r.Session.SignedIn:
		facts = append(facts, pane.Fact{Label: "changes", Value: model.Show("seen when you compare")})
	}
	if !r.RetryAt.IsZero() {
		facts = append(facts, pane.Fact{Label: "next try", Value: model.Show("in " + Span(r.RetryAt.Sub(now)) + ", r now"), Style: &p.Styles.Warn})
	}
	return facts
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// findings is what is odd about the document or the service, wrapped.
func (p *Pane) findings(width int) []string {
	var lines []string
	for _, finding := range p.state.Warnings() {
		for i, line := range model.Show(finding).Wrap(max(1, width-4)) {
			sign := " "
			if i == 0 {
				sign = p.Styles.Glyphs.Bullet
			}
			lines = append(lines, " "+p.Styles.Warn.Render(sign+" "+line.String()))
		}
	}
	return lines
}

// Scope is where the pane stands in the table of keys.
func (p *Pane) Scope() keys.Scope { return keys.Session }

// Title heads the frame.
func (p *Pane) Title() model.Visible { return model.Show("session") }
