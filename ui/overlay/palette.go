package overlay

import (
	"context"
	"image"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/style"
	"dossier/ui/text"
)

// PaletteItem is one line of the palette.
type PaletteItem struct {
	ID          string // identifies it among the recently used ones
	Section     string // such as "actions"
	Text        string // what is searched, sanitized
	Key         string // of an action; may be empty
	Unavailable string // the reason why it cannot be chosen now; empty: it can
	Choose      tea.Msg
}

// PaletteChosen requests the root to send itself the message of the chosen item.
type PaletteChosen struct{ Item PaletteItem }

// PaletteConfig is the content of a palette. Ctx ends its searches.
type PaletteConfig struct {
	Ctx    context.Context
	Keys   keys.Map
	Styles *style.Styles
	Items  []PaletteItem
	Recent []string // the recently used items by their ID, the last one first

	Document bson.Raw                 // whose fields are found by their path; may be nil
	Jump     func(model.Path) tea.Msg // requests to go to a field
}

// Palette finds actions, themes, accounts, functions and fields by a few of their letters, and runs the chosen one.
type Palette struct {
	PaletteConfig
	finder paletteFinder
	found  []paletteMatch
	input  text.Line
	size   image.Point
	scroll pane.Scroll
}

var _ pane.Overlay = (*Palette)(nil)

// NewPalette returns the palette.
func NewPalette(c PaletteConfig) *Palette {
	p := &Palette{PaletteConfig: c, input: text.Line{JoinLines: true}}
	p.finder = paletteFinder{ctx: c.Ctx, document: c.Document, requests: request.New(c.Ctx, 0)}
	p.search()
	return p
}

// Update handles sizes, styles, keys, pastes, the mouse and found fields.
func (p *Palette) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		p.size = m.Size
	case style.Changed:
		p.Styles = m.Styles
	case tea.KeyPressMsg:
		return p.press(m)
	case tea.PasteMsg:
		p.input.Paste(m.Content)
		return p.search()
	case request.Response[foundPaths]:
		if p.finder.accept(m) {
			p.show()
		}
	case tea.MouseWheelMsg:
		p.scroll.HandleWheel(m, 1)
	case tea.MouseClickMsg:
		if row := p.scroll.Top + m.Y - paletteHeader; m.Y >= paletteHeader && row < len(p.found) {
			p.scroll.Select(row)
			return p.Handle(keys.Accept)
		}
	}
	p.scroll.Resize(len(p.found), p.size.Y-paletteHeader)
	return nil
}

func (p *Palette) press(m tea.KeyPressMsg) tea.Cmd {
	if a, ok := p.Keys.Resolve(m, keys.CommandPalette); ok {
		return p.Handle(a)
	}
	if p.input.HandleKey(m) {
		return p.search()
	}
	return nil
}

// search finds what matches the input; fields of a large document are found later, outside the event loop.
func (p *Palette) search() tea.Cmd {
	query := strings.ReplaceAll(p.input.Value(), " ", "")
	cmd := p.finder.findPaths(query)
	p.show()
	return cmd
}

// show lists the matches, the best section first and the best match first in each.
func (p *Palette) show() {
	query := strings.ReplaceAll(p.input.Value(), " ", "")
	p.found = rank(p.Items, p.Recent, query, p.finder.matches(p.Jump))
	p.scroll = pane.Scroll{}
	p.scroll.Resize(len(p.found), p.size.Y-paletteHeader)
}

// Handle moves the selection, runs the selected item, or closes.
func (p *Palette) Handle(a keys.Action) tea.Cmd {
	switch {
	case p.scroll.Move(a):
		return nil
	case a == keys.Cancel:
		p.finder.requests.Cancel()
		return nav.Send(nav.Close{Overlay: p})
	case a == keys.Accept && p.scroll.Selected < len(p.found):
		chosen := p.found[p.scroll.Selected].PaletteItem
		if chosen.Unavailable != "" {
			return nav.Send(nav.Notify{Text: state.Public(chosen.Text + ": " + chosen.Unavailable)})
		}
		p.finder.requests.Cancel()
		return tea.Batch(nav.Send(nav.Close{Overlay: p}), nav.Send(PaletteChosen{chosen}))
	default:
		return nil
	}
}

// Size limits the height to the number of items.
func (p *Palette) Size(screen image.Point) image.Point {
	return image.Pt(pane.FitWidth(76, screen.X), min(screen.Y, len(p.Items)+paletteHeader+2, 22))
}

// paletteHeader is the number of rows above the items.
const paletteHeader = 2

// sectionWidth is the width of the column of section names.
const sectionWidth = 11

// View draws the input line and the matching items.
func (p *Palette) View(size image.Point) string {
	s := p.Styles
	lines := []string{
		" " + s.Prompt.Render(s.Glyphs.Cursor) + " " + s.Input.Render(p.input.View(max(0, size.X-4))),
		s.Border.Render(strings.Repeat(s.Frame.Top, max(0, size.X))),
	}
	if len(p.found) == 0 {
		none := "nothing matches"
		if p.finder.requests.Busy() {
			none = "searching the fields" + s.Glyphs.Ellipsis
		}
		lines = append(lines, " "+s.Muted.Render(model.Show(none).Clip(max(0, size.X-2)).String()))
	}
	from, to := p.scroll.VisibleRows()
	for i := from; i < to; i++ {
		section := p.found[i].Section
		if i > from && p.found[i-1].Section == section {
			section = ""
		}
		lines = append(lines, p.row(p.found[i], section, i == p.scroll.Selected, size.X))
	}
	return pane.Lines(lines, size.Y)
}

// row draws an item: its section, its text with the matching letters marked, why it cannot be chosen, and its key.
func (p *Palette) row(m paletteMatch, section string, selected bool, width int) string {
	s := p.Styles
	textStyle, matchStyle, keyStyle, quiet, background := s.Text, s.Match, s.Key, s.Faint, s.Text
	if m.Unavailable != "" {
		textStyle, keyStyle = s.Faint, s.Faint
	}
	if selected {
		background = s.Selected
		textStyle, keyStyle, quiet = style.OnRow(background, textStyle), style.OnRow(background, keyStyle),
			style.OnRow(background, quiet)
	}
	key := model.Show(m.Key)
	available := max(0, width-sectionWidth-key.Width()-3)
	name := model.Show(m.Text).Clip(available)
	reason := model.Show("")
	if m.Unavailable != "" {
		reason = model.Show(" (" + m.Unavailable + ")").Clip(max(0, available-name.Width()))
	}
	gap := max(0, available-name.Width()-reason.Width())
	return quiet.Render(" "+model.Show(section).Pad(sectionWidth-1).String()) +
		highlight(name.String(), m.at, textStyle, matchStyle) + quiet.Render(reason.String()) +
		background.Render(strings.Repeat(" ", gap+1)) + keyStyle.Render(key.String()) + background.Render("  ")
}

// highlight draws text with the bytes at some offsets as matches.
func highlight(text string, at []int, plain, match style.Style) string {
	var b strings.Builder
	from := 0
	flush := func(to int) {
		if to > from {
			b.WriteString(plain.Render(text[from:to]))
			from = to
		}
	}
	for i := 0; i < len(at) && at[i] < len(text) && utf8.RuneStart(text[at[i]]); i++ {
		flush(at[i])
		to := at[i]
		for to < len(text) && i < len(at) && at[i] == to { // neighbours in one style
			to += len(firstRune(text[to:]))
			i++
		}
		i--
		b.WriteString(match.Render(text[from:to]))
		from = to
	}
	flush(len(text))
	return b.String()
}

// firstRune returns the first character of a text.
func firstRune(text string) string {
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
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
func (p *Palette) Title() model.Visible {
	return model.Show("find an action, theme, account, function or field")
}

// Position says that only the first fields of a very large document are searched.
func (p *Palette) Position() model.Visible {
	if len(p.finder.paths) < maxPaths {
		return model.Visible{}
	}
	return model.Show("of the first 100,000 fields")
}

// HasUnsaved returns false: a search is not worth a question.
func (p *Palette) HasUnsaved() bool { return false }
