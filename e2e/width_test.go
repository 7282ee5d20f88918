package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// clusters are texts whose width terminals disagree about.
var clusters = []string{
	"👩\u200d👩\u200d👧", "👍🏽", "👩🏽\u200d🦰", "❤\ufe0f", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈", "🐈\u200d⬛", "🇩🇪", "🇩",
	"กำ น้ำ", "ກຳ", "नि स्ते की", "বাংলা কো", "நி கோ", "မြန်မာ", "ខ្មែរ", "\u1112\u1161\u11ab", "\u1161",
	"\u1100\u1100\u1161",
	"\u1100가", "\u1112\ud7b0", "ｶﾞ ﾊﾟ", "か\u3099", "e\u0301", "⸺", "漢字", "ా", "שלום", "مرحبا",
}

// TestRowsStayAlignedInTmux shows clusters in the list and in the editor. tmux, which has its own rules, must end
// every row of a frame in the last column.
func TestRowsStayAlignedInTmux(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	args := []string{"set"}
	for i, c := range clusters {
		args = append(args, fmt.Sprintf("z%02d:string=%s|", i, c))
	}
	h.ok(args...)
	const width, height = 80, 70
	term := openTerminal(t, h, width, height)
	term.see("z28")
	term.aligned(width)
	term.press("End")
	for i := len(clusters) - 1; i >= 0; i -= 4 {
		term.press("e")
		term.see("enter accept")
		term.aligned(width)
		term.press("Escape")
		until(t, "the input closes", func() bool {
			return !strings.Contains(term.tmux("capture-pane", "-p"), "enter accept")
		})
		term.press("Up", "Up", "Up", "Up")
	}
}

// aligned waits until every row with a frame ends in the last column, as tmux counts: a frame may still be drawn.
func (term *terminal) aligned(width int) {
	term.t.Helper()
	wrong := term.misaligned(width)
	for deadline := time.Now().Add(patience); wrong != ""; wrong = term.misaligned(width) {
		if time.Now().After(deadline) {
			term.t.Fatalf("rows do not end in column %d:\n%s", width-1, wrong)
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// misaligned returns the rows with a frame that do not end in the last column.
func (term *terminal) misaligned(width int) string {
	term.t.Helper()
	rows := strings.Split(strings.TrimRight(term.tmux("capture-pane", "-p"), "\n"), "\n")
	command := []string{"copy-mode", ";", "send-keys", "-X", "top-line"}
	for range rows {
		command = append(command, ";", "send-keys", "-X", "end-of-line", ";", "display-message", "-p", "#{copy_cursor_x}",
			";", "send-keys", "-X", "cursor-down")
	}
	columns := strings.Fields(term.tmux(append(command, ";", "send-keys", "-X", "cancel")...))
	var wrong strings.Builder
	for i, row := range rows {
		if !strings.Contains(row, "│") {
			continue
		}
		if x, err := strconv.Atoi(columns[i]); err != nil || x < width-1 || !strings.HasSuffix(row, "│") {
			fmt.Fprintf(&wrong, "%s: %s\n", columns[i], row)
		}
	}
	return wrong.String()
}
