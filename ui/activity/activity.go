package activity

import (
	"image"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/record"
	"dossier/ui/style"
)

// kept is how many happenings are remembered.
const kept = 500

// Tone is what an entry means to the person.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Warn
	Bad
)

// Entry is one thing that happened, with details on lines of their own.
type Entry struct {
	At      time.Time
	Text    string // raw; shown through model.Show
	Tone    Tone
	Details []Detail
}

// Detail is one line below an entry, such as a field's old and new value. Where Values are personal data they are masked like all others.
type Detail struct {
	Field    string
	Old, New string // raw; both empty: only Field is shown
}

var _ pane.Pane = (*Pane)(nil)

// Pane is the list of what happened. Make it with New; the root adds to it.
type Pane struct {
	styles  *style.Styles
	record  *record.Record
	size    image.Point
	focused bool
	scroll  pane.Scroll
	entries []Entry // newest first
	lines   []line
}

type line struct {
	stamp model.Visible
	text  model.Visible
	look  func(*style.Styles) lipgloss.Style
	below bool // it hangs below an entry, without a time
}

// New makes the pane.
func New(s *style.Styles) *Pane { return &Pane{styles: s, record: &record.Record{}} }

// Add puts an entry on top.
func (p *Pane) Add(e Entry) {
	p.entries = append([]Entry{e}, p.entries...)
	if len(p.entries) > kept {
		p.entries = p.entries[:kept]
	}
	p.lay()
}

// Update takes records, styles and sizes.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case record.Changed:
		again := m.Record.Masked != p.record.Masked || m.Record.Zone != p.record.Zone
		p.record = m.Record
		if again {
			p.lay()
		}
	case style.Changed:
		p.styles = m.Styles
		p.lay()
	case pane.Resized:
		p.size = m.Size
		p.lay()
	case pane.Focused:
		p.focused = m.On
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			p.scroll.Wheel(-2)
		} else if m.Button == tea.MouseWheelDown {
			p.scroll.Wheel(+2)
		}
	case tea.MouseClickMsg:
		p.scroll.Select(p.scroll.Top + m.Y)
	}
	return nil
}

// lay breaks the entries into lines of the pane's width.
func (p *Pane) lay() {
	p.lines = p.lines[:0]
	room := max(1, p.size.X-11)
	for _, e := range p.entries {
		stamp := model.Show(p.record.Clock(e.At))
		for i, text := range model.Show(e.Text).Wrap(room) {
			if i > 0 {
				stamp = model.Visible{}
			}
			p.lines = append(p.lines, line{stamp: stamp, text: text, look: toned(e.Tone)})
		}
		for _, d := range e.Details {
			for _, text := range model.Show(p.detail(d)).Wrap(max(1, p.size.X-5)) {
				p.lines = append(p.lines, line{text: text, look: detailed, below: true})
			}
		}
	}
	p.scroll.Fit(len(p.lines), p.size.Y)
}

func (p *Pane) detail(d Detail) string {
	if d.Old == "" && d.New == "" {
		return d.Field
	}
	return d.Field + " " + p.record.Text(d.Old).String() + " " + p.styles.Glyphs.Arrow + " " + p.record.Text(d.New).String()
}

func toned(t Tone) func(*style.Styles) lipgloss.Style {
	return func(s *style.Styles) lipgloss.Style {
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

func detailed(s *style.Styles) lipgloss.Style { return s.Muted }

// Do moves, or copies the line under the cursor.
func (p *Pane) Do(a keys.Action) tea.Cmd {
	if p.scroll.Do(a) || a != keys.CopyValue || p.scroll.At >= len(p.lines) {
		return nil
	}
	return nav.Send(nav.Copy{Text: p.lines[p.scroll.At].text.String(), Name: "the line"})
}

// View draws the newest first.
func (p *Pane) View(size image.Point) string {
	if size.X <= 0 || size.Y <= 0 {
		return ""
	}
	var lines []string
	from, to := p.scroll.Shown()
	for i := from; i < to; i++ {
		l := p.lines[i]
		stamp, text := p.styles.Faint, l.look(p.styles)
		gap := p.styles.Text
		if i == p.scroll.At && p.focused {
			stamp, text, gap = style.On(p.styles.Selected, stamp), style.On(p.styles.Selected, text), p.styles.Selected
		}
		if l.below {
			lines = append(lines, gap.Render("    ")+text.Render(l.text.Pad(max(0, size.X-5)).String())+gap.Render(" "))
			continue
		}
		lines = append(lines, gap.Render(" ")+stamp.Render(l.stamp.Pad(8).String())+gap.Render(" ")+text.Render(l.text.Pad(max(0, size.X-11)).String())+gap.Render(" "))
	}
	return pane.Lines(lines, size.Y)
}

// Cursor is nil: nothing is typed here.
func (p *Pane) Cursor() *tea.Cursor { return nil }

// Capturing is false: nothing is typed here.
func (p *Pane) Capturing() bool { return false }

// Scope is where the pane stands in the table of keys.
func (p *Pane) Scope() keys.Scope { return keys.Activity }

// Title heads the frame.
func (p *Pane) Title() model.Visible { return model.Show("activity") }

// Place says where in the list the cursor stands.
func (p *Pane) Place() model.Visible { return p.scroll.Place() }
