package overlay

import (
	"image"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/style"
	"dossier/ui/text"
)

// stalenessHelp explains the staleness states of the session pane.
var stalenessHelp = []string{
	"The application does not read custom data from the database. It reads the snapshot in its access token, " +
		"and gets a new snapshot only when the token is refreshed.",
	"An access token lives about 30 minutes; the next call after that refreshes it. " +
		"So a snapshot may be stale for up to 30 minutes plus the time until the next call.",
	"The snapshot shown is that of this session of dossier. The user's app has its own token and its own snapshot.",
	"current: the database was compared and is equal; stale: the database has other data; unchecked: not compared " +
		"since the token was issued; due: the token has expired, the next call refreshes it; unknown: the service does " +
		"not answer.",
	"The database is checked after each token refresh, when you compare, " +
		"and on every change if the deployment has change streams.",
}

// clipboardHelp explains what the notice of a copy says.
var clipboardHelp = []string{
	"copied: the clipboard of this machine took the text.",
	"sent to the terminal: over SSH, and without a clipboard tool (pbcopy, wl-copy, xclip, xsel), the terminal gets the " +
		"text (OSC 52). Terminals do not answer, and some ignore it or ask for permission.",
	"tmux takes it with: set -g set-clipboard on",
}

// maskingHelp explains what masking hides.
var maskingHelp = []string{
	"While personal data is masked (m), every value is replaced by a mask of fixed width: of the document, the profile, " +
		"activity, messages, function arguments and results. Ids are shown as id 1, id 2: the same id has the same number.",
	"Field names, types, field counts and the times of the token stay visible. " +
		"A search finds field names only, and y copies no values.",
	"M reveals the selected value until the selection moves; activity notes its name.",
	"Input is masked too, unless the value is revealed: typing adds to the hidden text, ctrl+u deletes it. " +
		"The review shows masks. Objects, arrays and the whole document can be edited only when shown.",
}

// Help is the list of all key bindings, with a search.
type Help struct {
	keys   keys.Map
	styles *style.Styles
	size   image.Point
	typing bool
	input  text.Line
	rows   []helpRow
	scroll pane.Scroll
}

// helpRow is one line of the list.
type helpRow struct {
	heading bool
	key     string
	text    string
}

var _ pane.Overlay = (*Help)(nil)

// NewHelp returns the dialog; the bindings of the scopes active here come first.
func NewHelp(k keys.Map, s *style.Styles, here ...keys.Scope) *Help {
	h := &Help{keys: k.StartingWith(here...), styles: s, input: text.Line{JoinLines: true}}
	h.buildRows()
	return h
}

// Update handles sizes, styles, the wheel, and keys of the search line.
func (h *Help) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		h.size = m.Size
		h.buildRows()
	case style.Changed:
		h.styles = m.Styles
	case tea.KeyPressMsg:
		if a, ok := h.keys.Resolve(m, keys.FindInHelp); ok {
			return h.Handle(a)
		}
		if h.input.HandleKey(m) {
			h.buildRows()
			h.scroll.Top = 0
		}
	case tea.PasteMsg:
		if h.typing {
			h.input.Paste(m.Content)
			h.buildRows()
		}
	case tea.MouseWheelMsg:
		h.scroll.HandleWheel(m, 3)
	}
	return nil
}

// Handle searches, scrolls or closes.
func (h *Help) Handle(a keys.Action) tea.Cmd {
	switch {
	case a == keys.Find:
		h.typing = true
		h.buildRows()
	case a == keys.Accept && h.typing:
		h.typing = false
		h.buildRows()
	case a == keys.Cancel && (h.typing || h.input.Value() != ""):
		h.typing = false
		h.input.SetValue("")
		h.buildRows()
	case a == keys.Cancel:
		return nav.Send(nav.Close{Overlay: h})
	case a == keys.Up:
		h.scroll.ScrollBy(-1)
	case a == keys.Down:
		h.scroll.ScrollBy(+1)
	case a == keys.PageUp:
		h.scroll.ScrollBy(-max(1, h.scroll.Height-1))
	case a == keys.PageDown:
		h.scroll.ScrollBy(max(1, h.scroll.Height-1))
	case a == keys.Top:
		h.scroll.ScrollBy(-h.scroll.Len)
	case a == keys.Bottom:
		h.scroll.ScrollBy(h.scroll.Len)
	}
	return nil
}

// searching reports whether a search line is shown.
func (h *Help) searching() bool { return h.typing || h.input.Value() != "" }

// buildRows builds the rows that match the search.
func (h *Help) buildRows() {
	query := strings.ToLower(h.input.Value())
	h.rows = nil
	scope := keys.Scope("")
	for _, e := range h.keys {
		row := helpRow{key: allKeys(e), text: e.Binding.Help().Desc}
		if !strings.Contains(strings.ToLower(row.key+" "+row.text+" "+e.Scope.Title()), query) {
			continue
		}
		if e.Scope != scope {
			scope = e.Scope
			if len(h.rows) > 0 {
				h.rows = append(h.rows, helpRow{})
			}
			h.rows = append(h.rows, helpRow{heading: true, text: scope.Title()})
		}
		h.rows = append(h.rows, row)
	}
	h.addExplanation("staleness of the snapshot", stalenessHelp, query)
	h.addExplanation("copying", clipboardHelp, query)
	h.addExplanation("masking", maskingHelp, query)
	height := h.size.Y
	if h.searching() {
		height--
	}
	h.scroll.Resize(len(h.rows), height)
}

// addExplanation appends the matching sentences below a heading.
func (h *Help) addExplanation(heading string, sentences []string, query string) {
	var rows []helpRow
	for _, sentence := range sentences {
		if !strings.Contains(strings.ToLower(sentence), query) {
			continue
		}
		for _, line := range model.Show(sentence).Wrap(max(1, min(76, h.size.X-3))) {
			rows = append(rows, helpRow{text: line.String()})
		}
	}
	if len(rows) == 0 {
		return
	}
	if len(h.rows) > 0 {
		h.rows = append(h.rows, helpRow{})
	}
	h.rows = append(append(h.rows, helpRow{heading: true, text: heading}), rows...)
}

// allKeys returns every key of an entry, the main one first.
func allKeys(e keys.Entry) string {
	if !e.Binding.Enabled() {
		return "no key"
	}
	return strings.Join(append([]string{e.Binding.Help().Key}, e.Binding.Keys()[1:]...), " ")
}

// Size takes the full height.
func (h *Help) Size(screen image.Point) image.Point {
	return image.Pt(pane.FitWidth(82, screen.X), screen.Y)
}

// View draws the visible rows.
func (h *Help) View(size image.Point) string {
	s := h.styles
	var lines []string
	from, to := h.scroll.VisibleRows()
	for i := from; i < to; i++ {
		r := h.rows[i]
		switch {
		case r.heading:
			lines = append(lines, " "+s.Strong.Render(model.Show(r.text).Clip(max(0, size.X-2)).String()))
		case r.key == "":
			lines = append(lines, " "+s.Text.Render(model.Show(r.text).Clip(max(0, size.X-2)).String()))
		default:
			lines = append(lines, "  "+s.Key.Render(model.Show(r.key).Pad(18).String())+
				s.Text.Render(model.Show(r.text).Clip(max(0, size.X-22)).String()))
		}
	}
	if len(h.rows) == 0 {
		lines = append(lines, " "+s.Muted.Render(model.Show("no matching key").Clip(max(0, size.X-2)).String()))
	}
	if h.searching() {
		for len(lines) < size.Y-1 {
			lines = append(lines, "")
		}
		lines = append(lines[:max(0, size.Y-1)], " "+s.Prompt.Render("/")+" "+s.Input.Render(
			h.input.View(max(0, size.X-4))))
	}
	return pane.Lines(lines, size.Y)
}

// Cursor returns the cursor of the search line.
func (h *Help) Cursor() *tea.Cursor {
	if !h.typing || h.size.Y < 1 {
		return nil
	}
	return tea.NewCursor(min(3+h.input.Cursor(max(0, h.size.X-4)), max(0, h.size.X-1)), h.size.Y-1)
}

// CapturesKeys reports whether the search line has the focus.
func (h *Help) CapturesKeys() bool { return h.typing }

// Scope is keys.FindInHelp while the search line has the focus.
func (h *Help) Scope() keys.Scope {
	if h.typing {
		return keys.FindInHelp
	}
	return keys.Help
}

// Title returns the frame's title.
func (h *Help) Title() model.Visible { return model.Show("help") }

// Position reports whether more rows follow.
func (h *Help) Position() model.Visible {
	if h.scroll.Len <= h.scroll.Height {
		return model.Visible{}
	}
	if _, to := h.scroll.VisibleRows(); to < h.scroll.Len {
		return model.Show("more below")
	}
	return model.Show("the end")
}

// HasUnsaved returns false: a search is not worth a question.
func (h *Help) HasUnsaved() bool { return false }
