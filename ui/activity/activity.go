package activity

import (
	"image"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

// maxEntries is the number of entries that are kept.
const maxEntries = 500

// Tone is the meaning of an entry.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Warn
	Bad
)

// Entry is one event, with details on lines of their own.
type Entry struct {
	At      time.Time
	Account string // the id of the account it belongs to and is shown for; empty: shown for all
	Text    state.Message
	Tone    Tone
	Details []Detail
}

var _ pane.Pane = (*Pane)(nil)

// Pane is the list of events. Create it with New; the root adds entries.
type Pane struct {
	pane.List
	state   *state.State
	entries []Entry // newest first
	lines   []line
}

type line struct {
	time     model.Visible
	text     model.Visible
	style    func(*style.Styles) style.Style
	isDetail bool // indented, without a time
	entry    int  // index of its entry
}

// New returns the pane.
func New(s *style.Styles) *Pane { return &Pane{List: pane.List{Styles: s}, state: &state.State{}} }

// repeatedWithin is the time in which an entry with the same changes replaces the one before.
const repeatedWithin = 2 * time.Second

// Add puts an entry on top. It replaces the newest one if it repeats its changes at once: a change of the database that
// was noticed only with a refresh is listed once.
func (p *Pane) Add(e Entry) {
	if len(p.entries) > 0 && e.repeats(p.entries[0]) {
		p.entries = p.entries[1:]
	}
	p.entries = append([]Entry{e}, p.entries...)
	if len(p.entries) > maxEntries {
		p.entries = p.entries[:maxEntries]
	}
	p.layoutLines()
}

// repeats reports whether an entry lists all changes of a warning just before it. What the user did is never replaced.
func (e Entry) repeats(before Entry) bool {
	if before.Tone != Warn || len(before.Details) == 0 || e.Account != before.Account ||
		e.At.Sub(before.At) > repeatedWithin {
		return false
	}
	for _, d := range before.Details {
		if !slices.Contains(e.Details, d) {
			return false
		}
	}
	return true
}

// Update handles state changes and the messages of every list.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	p.HandleMsg(msg, 0)
	switch m := msg.(type) {
	case state.Changed:
		again := m.State.Account.ID != p.state.Account.ID || m.State.Masked != p.state.Masked ||
			m.State.Zone != p.state.Zone || m.State.Today != p.state.Today
		p.state = m.State
		if again {
			p.layoutLines()
		}
	case style.Changed, pane.Resized:
		p.layoutLines()
	}
	return nil
}

// layoutLines wraps the entries to the pane's width.
func (p *Pane) layoutLines() {
	p.lines = p.lines[:0]
	available := max(1, p.Size.X-11)
	for n, e := range p.entries {
		if e.Account != "" && e.Account != p.state.Account.ID {
			continue
		}
		timeText := model.Show(p.state.FormatTime(e.At))
		for i, text := range p.state.Message(e.Text).Wrap(available) {
			if i > 0 {
				timeText = model.Visible{}
			}
			p.lines = append(p.lines, line{time: timeText, text: text, style: toneStyle(e.Tone), entry: n})
		}
		for _, d := range e.Details {
			for _, text := range detailText(d, p.state).Wrap(max(1, p.Size.X-5)) {
				p.lines = append(p.lines, line{text: text, style: detailStyle, isDetail: true, entry: n})
			}
		}
	}
	p.Rows.Resize(len(p.lines), p.Size.Y)
}

func detailText(d Detail, s *state.State) model.Visible {
	if d.Change == (state.Message{}) {
		return model.Show(d.Field)
	}
	return model.Concat(model.Show(d.Field+" "), s.Message(d.Change))
}

func toneStyle(t Tone) func(*style.Styles) style.Style {
	return func(s *style.Styles) style.Style {
		switch t {
		case Good:
			return s.Good
		case Warn:
			return s.Warn
		case Bad:
			return s.Bad
		default:
			return s.Text
		}
	}
}

func detailStyle(s *style.Styles) style.Style { return s.Muted }

// Handle moves the selection, copies the selected line, or shows its entry whole.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	if p.Rows.Selected < len(p.lines) {
		l := p.lines[p.Rows.Selected]
		switch a {
		case keys.CopyValue:
			return nav.Send(nav.Copy{Text: l.text.String(), Label: "the line"})
		case keys.ViewEntry:
			return nav.Send(nav.Open{Overlay: newEntryView(p.Styles, p.state, p.entries[l.entry])})
		}
	}
	p.Rows.Move(a)
	return nil
}

// View draws the entries, the newest first.
func (p *Pane) View(size image.Point) string {
	if len(p.lines) == 0 {
		return " " + p.Styles.Faint.Render(model.Show("no saves, refreshes or faults yet").Clip(max(0, size.X-2)).String())
	}
	var lines []string
	from, to := p.Rows.VisibleRows()
	for i := from; i < to; i++ {
		l := p.lines[i]
		timeText, text, gap := p.Styles.Faint, l.style(p.Styles), p.Styles.Text
		if p.IsSelected(i) {
			timeText, text, gap = style.OnRow(p.Styles.Selected, timeText), style.OnRow(p.Styles.Selected, text),
				p.Styles.Selected
		}
		head := gap.Render("    ")
		if !l.isDetail {
			head = gap.Render(" ") + timeText.Render(l.time.Pad(8).String()) + gap.Render(" ")
		}
		lines = append(lines, head+text.Render(l.text.Pad(max(0, size.X-1-ansi.StringWidthWc(head))).String())+
			gap.Render(" "))
	}
	return pane.Lines(lines, size.Y)
}

// Scope is keys.Activity.
func (p *Pane) Scope() keys.Scope { return keys.Activity }

// Title returns the frame's title.
func (p *Pane) Title() model.Visible { return model.Show("activity") }
