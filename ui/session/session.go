package session

import (
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
	_ pane.WithRows  = (*Pane)(nil)
	_ pane.WithNote  = (*Pane)(nil)
)

// Pane is the session pane. Create it with New.
type Pane struct {
	pane.List
	keys  keys.Map
	state *state.State
	now   time.Time
}

// New returns the pane; now is the first time.
func New(k keys.Map, s *style.Styles, now time.Time) *Pane {
	return &Pane{keys: k, List: pane.List{Styles: s}, state: &state.State{}, now: now}
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

// headerLines returns the height of the lines above the facts: the sentence, a blank one if the pane is high enough,
// and the gauge. At least minFacts lines are left.
func (p *Pane) headerLines() int {
	n := len(p.sentence(p.Size.X)) + 1
	switch {
	case p.Size.Y < minGauge:
		return max(1, min(n-1, p.Size.Y-1))
	case n+1+minFacts <= p.Size.Y:
		n++
	}
	return max(2, min(n, p.Size.Y-minFacts))
}

// minGauge is the height from which the gauge is shown.
const minGauge = 5

// minFacts is the number of facts that stay visible in a low pane.
const minFacts = 3

// warningRows returns the height of the visible warnings.
func (p *Pane) warningRows() int {
	return min(len(p.warningLines(p.Size.X)), max(0, p.Size.Y-p.headerLines()-minFacts))
}

// RowsAt returns the lines of the sentence, a blank one, the gauge, the facts and the warnings.
func (p *Pane) RowsAt(width int) int {
	if !p.state.HasUser {
		return 2
	}
	return len(p.sentence(width)) + 2 + len(p.facts(p.now)) + len(p.warningLines(width))
}

// View draws the sentence, the gauge, the facts and the warnings.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	if !p.state.HasUser {
		return p.Placeholder("not signed in", size)
	}
	above := p.headerLines()
	sentence := p.sentence(size.X)
	most := above
	if size.Y >= minGauge {
		most--
	}
	sentence = sentence[:min(len(sentence), max(1, most))]
	lines := p.drawSentence(sentence)
	for len(lines) < most {
		lines = append(lines, "")
	}
	if most < above {
		lines = append(lines, p.gauge(size.X))
	}
	facts := p.facts(p.now)
	from, to := p.Rows.VisibleRows()
	for i := from; i < min(to, len(facts)); i++ {
		lines = append(lines, facts[i].Row(p.Styles, labelWidth, size.X, p.IsSelected(i)))
	}
	for i, line := range p.warningLines(size.X) {
		if i < p.warningRows() {
			lines = append(lines, line)
		}
	}
	return pane.Lines(lines, size.Y)
}

// labelWidth is the width of the widest label that can appear, so that the values do not move when one does.
const labelWidth = len("next try")

// sentence returns the wrapped sentence about the state.
func (p *Pane) sentence(width int) []model.Visible {
	return model.Show(p.keys.Expand(Sentence(p.state, p.now))).Wrap(max(1, width-2))
}

// drawSentence draws lines of the sentence, with the keys in it as in the footer.
func (p *Pane) drawSentence(sentence []model.Visible) []string {
	text := StateStyle(p.state, p.Styles, p.now)
	template := strings.Fields(Sentence(p.state, p.now))
	exact := len(template) == len(strings.Fields(p.keys.Expand(strings.Join(template, " ")))) // a key is one word
	var lines []string
	word := 0
	for _, line := range sentence {
		var b strings.Builder
		before := " " // of text that is not drawn yet
		for _, w := range strings.Fields(line.String()) {
			if exact && word < len(template) && strings.HasPrefix(template[word], "{") {
				text.Write(&b, before)
				p.Styles.Key.Write(&b, w)
				before = " "
			} else {
				before += w + " "
			}
			word++
		}
		text.Write(&b, strings.TrimRight(before, " "))
		lines = append(lines, b.String())
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

// ClockText returns the state, the sentences, the gauge and the facts at a time. It includes the texts of the header.
func (p *Pane) ClockText(now time.Time) string {
	if !p.state.HasUser {
		return ""
	}
	lines := append(Headlines(p.state, now), StateName(p.state, now), p.keys.Expand(Sentence(p.state, now)),
		strconv.Itoa(p.filled(p.Size.X, now)))
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
	checked := "not since it was issued"
	if st.Session.Snapshot.TooLarge {
		checked = "no snapshot to compare"
	}
	if !st.Staleness.CheckedAt.IsZero() {
		checked = st.FormatTime(st.Staleness.CheckedAt)
	}
	facts := []pane.Fact{
		p.expiry(now), // below the gauge, which it explains
		{Label: "issued", Value: model.Show(st.FormatTime(st.Staleness.IssuedAt))},
		{Label: "checked", Value: model.Show(checked)},
	}
	switch {
	case len(st.Outdated) > 0: // the sentence says it
	case watched(st) && st.Session.SignedIn:
		facts = append(facts, pane.Fact{Label: "changes", Value: model.Show("shown as they happen")})
	case st.NoChangeStreams && st.Reachable && st.Session.SignedIn:
		facts = append(facts, pane.Fact{Label: "changes", Value: model.Show("shown when you compare")})
	}
	if !st.RetryAt.IsZero() {
		next := "trying …"
		if now.Before(st.RetryAt) {
			next = st.FormatTime(st.RetryAt) + p.keys.Expand("; {everywhere.refresh} retries now")
		}
		facts = append(facts, pane.Fact{Label: "next try", Value: model.Show(next), Style: &p.Styles.Warn})
	}
	return facts
}

// expiry returns when the token expires or expired.
func (p *Pane) expiry(now time.Time) pane.Fact {
	st := p.state
	at := st.FormatTime(st.Staleness.ExpiresAt)
	remaining := st.Staleness.Remaining(now)
	if remaining <= 0 && st.StalenessState(now) != model.Unknown {
		return pane.Fact{Label: "expired", Value: model.Show(at)}
	}
	if remaining > 0 && !st.Opening {
		at += ", in " + untilText(remaining)
	}
	return pane.Fact{Label: "expires", Value: model.Show(at)}
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

// Note returns the name of the state.
func (p *Pane) Note() model.Visible {
	if !p.state.HasUser {
		return model.Visible{}
	}
	return model.Show(StateName(p.state, p.now))
}

// Scope returns the pane's scope of key bindings.
func (p *Pane) Scope() keys.Scope { return keys.Session }

// Title returns the title of the frame.
func (p *Pane) Title() model.Visible { return model.Show("session") }
