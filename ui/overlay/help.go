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

// HelpConfig is the content of the help.
type HelpConfig struct {
	Keys        keys.Map
	Styles      *style.Styles
	Here        []keys.Scope            // the scopes whose keys apply where the help was opened
	Unavailable func(keys.Entry) string // why an entry has no effect now; empty: it has. nil: all have
}

// Help lists all key bindings with a search: first what works now where it was opened, then what does not and why, then
// the other places.
type Help struct {
	HelpConfig
	size   image.Point
	typing bool
	input  text.Line
	rows   []helpRow
	scroll pane.Scroll
}

// helpRow is one line of the list.
type helpRow struct {
	heading bool
	faint   bool // of an entry that has no effect now
	key     string
	text    string
}

var _ pane.Overlay = (*Help)(nil)

// NewHelp returns the dialog.
func NewHelp(c HelpConfig) *Help {
	h := &Help{HelpConfig: c, input: text.Line{JoinLines: true}}
	h.Keys = c.Keys.WithLevelsAsOne()
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
		h.Styles = m.Styles
	case tea.KeyPressMsg:
		if a, ok := h.Keys.Resolve(m, keys.FindInHelp); ok {
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

// Size takes the full height.
func (h *Help) Size(screen image.Point) image.Point {
	return image.Pt(pane.FitWidth(82, screen.X), screen.Y)
}

// View draws the visible rows.
func (h *Help) View(size image.Point) string {
	s := h.Styles
	var lines []string
	from, to := h.scroll.VisibleRows()
	for i := from; i < to; i++ {
		r := h.rows[i]
		keyStyle, textStyle := s.Key, s.Text
		if r.faint {
			keyStyle, textStyle = s.Faint, s.Faint
		}
		switch {
		case r.heading:
			lines = append(lines, " "+s.Strong.Render(model.Show(r.text).Clip(max(0, size.X-2)).String()))
		case r.key == "":
			lines = append(lines, " "+textStyle.Render(model.Show(r.text).Clip(max(0, size.X-2)).String()))
		default:
			lines = append(lines, "  "+keyStyle.Render(model.Show(r.key).Pad(helpKeyWidth).String())+
				textStyle.Render(" "+model.Show(r.text).Clip(max(0, size.X-helpKeyWidth-4)).String()))
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

// allKeys returns every key of an entry, the main one first.
func allKeys(e keys.Entry) string {
	if !e.Binding.Enabled() {
		return "no key"
	}
	return strings.Join(append([]string{e.Binding.Help().Key}, e.Binding.Keys()[1:]...), " ")
}
