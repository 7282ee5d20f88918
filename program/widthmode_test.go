package program

import (
	"bytes"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// TestTerminalsCountCharactersWhileTheScreenIsShown: a terminal in mode 2027 leaves it for the screen and returns to
// it.
func TestTerminalsCountCharactersWhileTheScreenIsShown(t *testing.T) {
	for value, restored := range map[ansi.ModeSetting]string{
		ansi.ModeSet: ansi.SetModeUnicodeCore, ansi.ModeReset: "", ansi.ModeNotRecognized: "", ansi.ModePermanentlySet: "",
	} {
		w, out := widthMode{}, bytes.Buffer{}
		got := w.filter(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: value})
		w.restore(&out)
		raw, sent := got.(tea.RawMsg)
		if sent != (value == ansi.ModeSet) || sent && raw.Msg != ansi.ResetModeUnicodeCore || out.String() != restored {
			t.Errorf("mode %d: answered %v, restored with %q", value, got, out.String())
		}
	}
	w := widthMode{}
	report := tea.ModeReportMsg{Mode: ansi.ModeSynchronizedOutput, Value: ansi.ModeReset}
	if w.filter(report) != report {
		t.Error("the report of another mode was changed")
	}
}
