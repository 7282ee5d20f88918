package program

import (
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// widthMode keeps a terminal counting the cells of each character, as model.Visible does. In mode 2027 it would count
// those of a grapheme cluster, of which every terminal has its own idea.
type widthMode struct{ wasSet bool }

// filter answers the terminal's report of the mode by switching it off, and hides it from Bubble Tea, which would
// switch it on.
func (w *widthMode) filter(msg tea.Msg) tea.Msg {
	report, ok := msg.(tea.ModeReportMsg)
	if !ok || report.Mode != ansi.ModeUnicodeCore {
		return msg
	}
	if report.Value != ansi.ModeSet {
		return nil
	}
	w.wasSet = true
	return tea.RawMsg{Msg: ansi.ResetModeUnicodeCore}
}

// restore switches the mode on again if it was.
func (w *widthMode) restore(terminal io.Writer) {
	if w.wasSet {
		_, _ = io.WriteString(terminal, ansi.SetModeUnicodeCore)
	}
}
