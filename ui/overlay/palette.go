package overlay

import (
	"image"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/text"
)

// Command is one line of the palette.
type Command struct {
	Entry       keys.Entry
	Unavailable string // the reason why it cannot run now; empty: it can
}

// title names the command, and before it where it works unless it works everywhere.
func (c Command) title() string {
	title := c.Entry.Binding.Help().Desc
	if c.Entry.Scope == keys.Everywhere {
		return title
	}
	return c.Entry.Scope.Title() + ": " + title
}

// CommandChosen requests the root to run an entry of the palette.
type CommandChosen struct{ Entry keys.Entry }

// Palette finds and runs an action by its name.
type Palette struct {
	keys     keys.Map
	styles   *style.Styles
	commands []Command
	found    []Command
	input    text.Line
	size     image.Point
	scroll   pane.Scroll
}

var _ pane.Overlay = (*Palette)(nil)

// NewPalette returns the palette of the commands.
func NewPalette(k keys.Map, s *style.Styles, commands []Command) *Palette {
	p := &Palette{keys: k, styles: s, commands: commands, input: text.Line{JoinLines: true}}
	p.filter()
	return p
}

// Update handles sizes, styles, keys, pastes and the mouse.
func (p *Palette) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		p.size = m.Size
	case style.Changed:
		p.styles = m.Styles
	case tea.KeyPressMsg:
		return p.press(m)
	case tea.PasteMsg:
		p.input.Paste(m.Content)
		p.filter()
	case tea.MouseWheelMsg:
		p.scroll.HandleWheel(m, 1)
	case tea.MouseClickMsg:
		if row := p.scroll.Top + m.Y - 2; m.Y >= 2 && row < len(p.found) {
			p.scroll.Select(row)
			return p.Handle(keys.Accept)
		}
	}
	p.scroll.Resize(len(p.found), p.size.Y-2)
	return nil
}

func (p *Palette) press(m tea.KeyPressMsg) tea.Cmd {
	if a, ok := p.keys.Resolve(m, keys.CommandPalette); ok {
		return p.Handle(a)
	}
	if p.input.HandleKey(m) {
		p.filter()
	}
	return nil
}

// unavailablePenalty is added to the score of a command that cannot run now.
const unavailablePenalty = 2

// filter keeps the commands that match the input, the best match first.
func (p *Palette) filter() {
	type scored struct {
		Command
		score int
	}
	var fitting []scored
	for _, c := range p.commands {
		name := c.Entry.Binding.Help().Desc + " " + string(c.Entry.Action) + " " + c.Entry.Scope.Title()
		if score, ok := matchScore(name, p.input.Value()); ok {
			if c.Unavailable != "" {
				score += unavailablePenalty
			}
			fitting = append(fitting, scored{c, score})
		}
	}
	slices.SortStableFunc(fitting, func(a, b scored) int { return a.score - b.score })
	p.found = nil
	for _, f := range fitting {
		p.found = append(p.found, f.Command)
	}
	p.scroll = pane.Scroll{}
	p.scroll.Resize(len(p.found), p.size.Y-2)
}

// matchScore reports whether the typed letters occur in a name in their order, and their distance: less is better.
func matchScore(name, typed string) (score int, ok bool) {
	name = strings.ToLower(name)
	at := 0
	for _, letter := range strings.ToLower(typed) {
		if letter == ' ' {
			continue
		}
		i := strings.IndexRune(name[at:], letter)
		if i < 0 {
			return 0, false
		}
		if i > 0 && (at == 0 || name[at+i-1] != ' ') {
			score += i + 1
		}
		at += i + len(string(letter))
	}
	return score, true
}

// Handle moves the selection, runs the selected command, or closes.
func (p *Palette) Handle(a keys.Action) tea.Cmd {
	switch {
	case p.scroll.Move(a):
		return nil
	case a == keys.Cancel:
		return nav.Send(nav.Close{Overlay: p})
	case a == keys.Accept && p.scroll.Selected < len(p.found):
		chosen := p.found[p.scroll.Selected]
		if chosen.Unavailable != "" {
			return nav.Send(nav.Notify{Text: state.Public(chosen.title() + ": " + chosen.Unavailable)})
		}
		return tea.Batch(nav.Send(nav.Close{Overlay: p}), nav.Send(CommandChosen{Entry: chosen.Entry}))
	default:
		return nil
	}
}

// Size limits the height to the number of commands.
func (p *Palette) Size(screen image.Point) image.Point {
	return image.Pt(pane.FitWidth(72, screen.X), min(screen.Y, len(p.commands)+4, 22))
}

// View draws the input line and the matching commands.
func (p *Palette) View(size image.Point) string {
	s := p.styles
	lines := []string{
		" " + s.Prompt.Render(s.Glyphs.Cursor) + " " + s.Input.Render(p.input.View(max(0, size.X-4))),
		s.Border.Render(strings.Repeat(s.Frame.Top, max(0, size.X))),
	}
	if len(p.found) == 0 {
		lines = append(lines, " "+s.Muted.Render(model.Show("no matching command").Clip(max(0, size.X-2)).String()))
	}
	from, to := p.scroll.VisibleRows()
	for i := from; i < to; i++ {
		lines = append(lines, p.row(p.found[i], i == p.scroll.Selected, size.X))
	}
	return pane.Lines(lines, size.Y)
}

func (p *Palette) row(c Command, selected bool, width int) string {
	s := p.styles
	background, nameStyle, keyStyle, rightStyle := s.Text, s.Text, s.Key, s.Faint
	right := ""
	if c.Unavailable != "" {
		nameStyle, keyStyle = s.Faint, s.Faint
		right = " (" + c.Unavailable + ")"
	}
	if selected {
		background = s.Selected
		nameStyle, keyStyle, rightStyle = style.OnRow(background, nameStyle), style.OnRow(background, keyStyle),
			style.OnRow(background, rightStyle)
	}
	title := model.Show(c.title())
	available := max(0, width-12)
	titleWidth := min(title.Width(), available)
	return keyStyle.Render(" "+model.Show(c.Entry.Binding.Help().Key).Pad(9).String()+" ") +
		nameStyle.Render(title.Pad(titleWidth).String()) +
		rightStyle.Render(model.Show(right).Pad(max(0, available-titleWidth)).String()) + background.Render(" ")
}

// Cursor returns the cursor of the input line.
func (p *Palette) Cursor() *tea.Cursor {
	return tea.NewCursor(min(3+p.input.Cursor(max(0, p.size.X-4)), max(0, p.size.X-1)), 0)
}

// CapturesKeys returns true: the input line always has the focus.
func (p *Palette) CapturesKeys() bool { return true }

// Scope is keys.CommandPalette.
func (p *Palette) Scope() keys.Scope { return keys.CommandPalette }

// Title returns the frame's title.
func (p *Palette) Title() model.Visible { return model.Show("commands") }

// HasUnsaved returns false: a search is not worth a question.
func (p *Palette) HasUnsaved() bool { return false }
