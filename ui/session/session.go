package session

import (
	"fmt"
	"image"
	"strconv"
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

var (
	_ pane.Pane      = (*Pane)(nil)
	_ pane.WithClock = (*Pane)(nil)
)

// Pane is the session pane. Create it with New.
type Pane struct {
	pane.List
	state *state.State
	now   time.Time
}

// New returns the pane; now is the first time.
func New(s *style.Styles, now time.Time) *Pane {
	return &Pane{List: pane.List{Styles: s}, state: &state.State{}, now: now}
}

// Update handles ticks, state changes and the messages that all lists handle.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	p.HandleMsg(msg, p.headerLines())
	switch m := msg.(type) {
	case state.Tick:
		p.now = m.Now
	case state.Changed:
		p.state = m.State
	}
	p.Rows.Resize(len(p.facts(p.now)), p.Size.Y-p.headerLines()-p.warningRows())
	return nil
}

// Handle moves the cursor, or copies the fact under it.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	if f, ok := p.FactToCopy(a, p.facts(p.now)); ok {
		return nav.Send(nav.Copy{Text: f.Value.String(), Label: f.Label, Public: true})
	}
	p.Rows.Move(a)
	return nil
}

// headerLines returns the height of the lines above the facts.
func (p *Pane) headerLines() int {
	if p.Size.Y < 9 {
		return 3
	}
	return 4
}

// warningRows returns the height of the visible warnings.
func (p *Pane) warningRows() int {
	return min(len(p.warningLines(p.Size.X)), max(0, p.Size.Y-p.headerLines()-4))
}

// View draws the state, the gauge, the facts and the warnings.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	s, st := p.Styles, p.state
	if !st.HasUser {
		return p.Placeholder("not signed in", size)
	}
	text, badge := Badge(st, s, p.now)
	timer := model.Show(Timer(st, p.now))
	state := " " + badge.Render(model.Show(" "+text+" ").Clip(max(0, size.X-1)).String())
	lines := []string{pane.Fit(state, max(0, size.X-timer.Width()-1)) + s.Strong.Render(timer.String())}
	for _, line := range p.description(max(1, size.X-2)) {
		lines = append(lines, " "+s.Text.Render(line.String()))
	}
	lines = append(lines, p.gauge(size.X))
	if len(lines) < p.headerLines() {
		lines = append(lines, "")
	}
	lines = append(lines, p.FactRows(p.facts(p.now), size.X, size.X)...)
	for i, line := range p.warningLines(size.X) {
		if i < p.warningRows() {
			lines = append(lines, line)
		}
	}
	return pane.Lines(lines, size.Y)
}

// description returns the description of the state in the lines that fit above the gauge.
func (p *Pane) description(width int) []model.Visible {
	text := model.Show(Description(p.state, p.now))
	lines := text.Wrap(width)
	if most := p.headerLines() - 2; len(lines) > most {
		lines = lines[:most]
		if most == 1 {
			lines[0] = text.Clip(width)
		}
	}
	return lines
}

// gauge draws the part of the token's lifetime that has passed.
func (p *Pane) gauge(width int) string {
	s := p.Styles
	bar := max(0, width-2)
	filled := p.filled(width, p.now)
	fill := s.GaugeFull
	if p.state.StalenessState(p.now) == model.Due {
		fill = s.Warn
	}
	return " " + fill.Render(strings.Repeat(s.Glyphs.GaugeFull, filled)) +
		s.GaugeEmpty.Render(strings.Repeat(s.Glyphs.GaugeEmpty, bar-filled))
}

// filled returns the filled cells of the gauge at a time.
func (p *Pane) filled(width int, now time.Time) int {
	return int(float64(max(0, width-2))*p.state.Staleness.Elapsed(now) + 0.5)
}

// ClockText returns the timer, the description, the gauge and the facts at a time.
func (p *Pane) ClockText(now time.Time) string {
	if !p.state.HasUser {
		return ""
	}
	text, _ := Badge(p.state, p.Styles, now)
	lines := []string{text, Timer(p.state, now), Description(p.state, now), strconv.Itoa(p.filled(p.Size.X, now))}
	for _, f := range p.facts(now) {
		lines = append(lines, f.Label, f.Value.String())
	}
	return strings.Join(lines, "\n")
}

func (p *Pane) facts(now time.Time) []pane.Fact {
	st := p.state
	if !st.HasUser {
		return nil
	}
	expiry := "expires"
	if st.StalenessState(now) != model.Unknown && st.Staleness.Remaining(now) <= 0 {
		expiry = "expired"
	}
	checked := "not since it was issued"
	if st.Session.Snapshot.TooLarge {
		checked = "no snapshot to compare"
	}
	if !st.Staleness.CheckedAt.IsZero() {
		checked = st.FormatTime(st.Staleness.CheckedAt)
	}
	facts := []pane.Fact{
		{Label: "issued", Value: model.Show(st.FormatTime(st.Staleness.IssuedAt))},
		{Label: expiry, Value: model.Show(st.FormatTime(st.Staleness.ExpiresAt))},
		{Label: "age", Value: model.Show(FormatDuration(st.Staleness.Age(now)))},
		{Label: "checked", Value: model.Show(checked)},
	}
	switch n := len(st.Outdated); {
	case n > 0:
		facts = append(facts, pane.Fact{Label: "outdated", Value: model.Show(plural(n, "field") + ": c compares"),
			Style: &p.Styles.Modified})
	case st.Watching && st.Reachable && !st.Opening && st.Session.SignedIn:
		facts = append(facts, pane.Fact{Label: "changes", Value: model.Show("shown as they happen")})
	case st.NoChangeStreams && st.Reachable && st.Session.SignedIn:
		facts = append(facts, pane.Fact{Label: "changes", Value: model.Show("shown when you compare")})
	}
	if !st.RetryAt.IsZero() {
		next := "trying …"
		if now.Before(st.RetryAt) {
			next = "in " + formatRemaining(st.RetryAt.Sub(now)) + "; r retries now"
		}
		facts = append(facts, pane.Fact{Label: "next try", Value: model.Show(next), Style: &p.Styles.Warn})
	}
	return facts
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// warningLines returns the wrapped warnings.
func (p *Pane) warningLines(width int) []string {
	var lines []string
	for _, warning := range p.state.Warnings() {
		for i, line := range model.Show(warning).Wrap(max(1, width-4)) {
			sign := " "
			if i == 0 {
				sign = p.Styles.Glyphs.Bullet
			}
			lines = append(lines, " "+p.Styles.Warn.Render(sign+" "+line.String()))
		}
	}
	return lines
}

// Scope returns the pane's scope of key bindings.
func (p *Pane) Scope() keys.Scope { return keys.Session }

// Title returns the title of the frame.
func (p *Pane) Title() model.Visible { return model.Show("session") }
