package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/layout"
	"dossier/ui/pane"
	"dossier/ui/style"
)

// hint is a key binding in the footer.
type hint struct {
	key, does string
	press     string // the name of the key that a click presses
	help      bool
	local     bool // of the pane or the dialog, not of keys.Everywhere
	rank      rank
}

// rank is the precedence of a hint where not all fit.
type rank int

const (
	usual  rank = iota
	urgent      // before the usual ones: fields are outdated
	spare       // after them
)

// rankOf returns the rank of the hint of an action.
func (p preconditions) rankOf(a keys.Action) rank {
	switch {
	case a == keys.NextPane:
		return spare
	case (a == keys.CompareTokens || a == keys.Refresh) && len(p.state.Outdated) > 0:
		return urgent
	default:
		return usual
	}
}

func (h hint) width() int { return model.Show(h.key + " " + h.does).Width() }

// hintGap is the width between two hints.
const hintGap = 2

// hintSpot is the place of a drawn hint: its columns and the key that a click presses.
type hintSpot struct {
	from, to int
	press    string
}

// footerBasis is what the footer shows.
type footerBasis struct {
	scopes    string
	available preconditions
	offered   uint64
	dialog    bool
	typing    bool // the dialog, or the pane without one, takes every key
	styles    *style.Styles
	width     int
}

// footerLine is the footer as it was drawn.
type footerLine struct {
	basis footerBasis
	text  string
	spots []hintSpot
}

// currentFooter returns the footer. It is drawn when something that it shows has changed.
func (m *Model) currentFooter() string {
	typing := m.panes[m.focus].CapturesKeys()
	if o, ok := m.overlays.top(); ok {
		typing = o.CapturesKeys()
	}
	b := footerBasis{"", m.preconditions(), m.offered(), !m.overlays.empty(), typing, m.styles, m.size.X}
	for _, s := range m.scopes() {
		b.scopes += string(s) + " "
	}
	if b != m.drawnFooter.basis || m.drawnFooter.text == "" {
		m.drawnFooter.basis = b
		m.drawnFooter.text, m.drawnFooter.spots = m.footer(b.width)
	}
	return m.drawnFooter.text
}

// offered returns a bit for each hint of the focused pane that is available.
func (m *Model) offered() (bits uint64) {
	pre, scope := m.preconditions(), m.panes[m.focus].Scope()
	for _, e := range m.cfg.Keys {
		if e.Scope != scope || !e.Footer {
			continue
		}
		if bits <<= 1; m.reason(pre, scope, e.Action) == "" {
			bits |= 1
		}
	}
	return bits
}

// footer draws the current key bindings, the most useful first, and returns their places. A hint that does not fit is
// left out.
func (m *Model) footer(width int) (string, []hintSpot) {
	var b strings.Builder
	var spots []hintSpot
	b.WriteString(spaces(margin))
	x := margin
	hints, reserved := m.hints()
	for _, h := range fitHints(hints, reserved, width-margin-1) {
		b.WriteString(m.styles.Key.Render(h.key) + m.styles.KeyHint.Render(" "+h.does) + "  ")
		spots = append(spots, hintSpot{x, x + h.width(), h.press})
		x += h.width() + hintGap
	}
	return pane.Fit(b.String(), width), spots
}

// clickFooter presses the key of the hint at a column, so that the topmost scope receives it.
func (m *Model) clickFooter(x int) tea.Cmd {
	for _, s := range m.drawnFooter.spots {
		if x >= s.from && x < s.to {
			return m.press(keys.Press(s.press))
		}
	}
	return nil
}

// margin is the width of the blanks at the left of the header, the footer and a pane without a frame: texts in frames
// start at the same column.
const margin = 2

func spaces(n int) string { return strings.Repeat(" ", n) }

// fitHints returns the hints that fit: the reserved ones, help above all, and of the others as many as possible, urgent
// ones first.
func fitHints(hints, reserved []hint, space int) []hint {
	for len(reserved) > 1 && widthOf(reserved) > space {
		last := len(reserved) - 1
		if reserved[last].help {
			last--
		}
		reserved = slices.Delete(slices.Clone(reserved), last, last+1)
	}
	space += hintGap // there is none behind the last one
	for _, h := range reserved {
		space -= h.width() + hintGap
	}
	fits := make([]bool, len(hints))
	take := func(r rank, skipped int) {
		for i, h := range hints {
			if h.rank == r && i != skipped && h.width()+hintGap <= space {
				fits[i] = true
				space -= h.width() + hintGap
			}
		}
	}
	skipped := lastLocal(hints, space)
	take(urgent, -1)
	take(usual, skipped)
	take(spare, -1)
	var fitting []hint
	for i, h := range hints {
		if fits[i] {
			fitting = append(fitting, h)
		}
	}
	return append(fitting, reserved...)
}

// widthOf returns the width of hints beside one another.
func widthOf(hints []hint) int {
	width := -hintGap
	for _, h := range hints {
		width += h.width() + hintGap
	}
	return width
}

// lastLocal returns the last hint of the pane if the others fit only without it, else -1: the global ones after it,
// such as the accounts, are more useful.
func lastLocal(hints []hint, space int) int {
	over, last := -space, -1
	for i, h := range hints {
		if h.rank == spare {
			continue
		}
		over += h.width() + hintGap
		if h.local {
			last = i
		}
	}
	if over <= 0 || last < 0 || over > hints[last].width()+hintGap {
		return -1
	}
	return last
}

// hints returns the key bindings for the footer; those of help, quit and cancel apart.
func (m *Model) hints() (hints, reserved []hint) {
	seen := map[keys.Action]bool{}
	scopes, available := m.scopes(), m.preconditions()
	overlay, hasOverlay := m.overlays.top()
	if hasOverlay {
		scopes = scopes[:1] // without the bindings of all dialogs
		if !overlay.CapturesKeys() {
			scopes = append(scopes, keys.Everywhere) // of which only help works
		}
	}
	if available.together > 0 && !hasOverlay && m.focus == layout.Document && !m.document.CapturesKeys() {
		return m.selectionHints(), nil
	}
	for _, scope := range scopes {
		for _, e := range m.cfg.Keys {
			if e.Scope != scope || !e.Footer || !e.Binding.Enabled() || seen[e.Action] {
				continue
			}
			isHelp := e.Action == keys.ShowHelp
			if hasOverlay && scope == keys.Everywhere && (!isHelp || overlay.Scope() == keys.Help) {
				continue
			}
			if !hasOverlay && !m.panes[m.focus].CapturesKeys() && m.reason(available, e.Scope, e.Action) != "" {
				continue
			}
			seen[e.Action] = true
			help := e.Binding.Help()
			h := hint{key: help.Key, does: help.Desc, press: e.Binding.Keys()[0], help: isHelp,
				local: scope != keys.Everywhere, rank: available.rankOf(e.Action)}
			if isHelp || !h.local && e.Action == keys.Quit || e.Action == keys.Cancel {
				reserved = append(reserved, h)
			} else {
				hints = append(hints, h)
			}
		}
	}
	return hints, reserved
}

// selectionHints returns the bindings for fields that are selected together.
func (m *Model) selectionHints() []hint {
	var hints []hint
	for _, a := range []struct {
		action keys.Action
		does   string
	}{
		{keys.RemoveField, "remove"}, {keys.ChangeType, "change type"}, {keys.DuplicateField, "duplicate"},
		{keys.CopyAs, "copy"}, {keys.Cancel, "clear the selection"},
	} {
		i := slices.IndexFunc(m.cfg.Keys, func(e keys.Entry) bool {
			return e.Scope == keys.Document && e.Action == a.action && e.Binding.Enabled()
		})
		if i >= 0 {
			e := m.cfg.Keys[i]
			hints = append(hints, hint{key: e.Binding.Help().Key, does: a.does, press: e.Binding.Keys()[0], local: true})
		}
	}
	return hints
}
