package terminal

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"runtime"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// screen computes what to write so that the terminal shows a view.
type screen struct {
	options        Options
	width, height  int
	profile        colorprofile.Profile
	synchronized   bool // the terminal has mode 2026
	countsClusters bool // mode 2027 was on: the terminal counts the cells of grapheme clusters

	shown    frame
	renderer *uv.TerminalRenderer // nil: the terminal's cells are unknown
	changed  bytes.Buffer         // what renderer writes
	cells    uv.ScreenBuffer
	lines    []string // the lines that cells show; nil: not known
}

// frame is what the terminal shows. The zero frame is the terminal without the program.
type frame struct {
	modes   []mode
	content string
	cursor  image.Point // negative: hidden
	profile colorprofile.Profile
}

// mode is a mode of the terminal: the sequences that set and reset it. set is empty when it is off.
type mode struct{ set, reset string }

// resize sets the terminal's size. The terminal may have moved its cells.
func (s *screen) resize(width, height int) {
	s.width, s.height, s.renderer = width, height, nil
}

// report takes the terminal's answer about a mode.
func (s *screen) report(msg tea.ModeReportMsg) {
	switch {
	case msg.Mode == ansi.ModeSynchronizedOutput && msg.Value == ansi.ModeReset:
		s.synchronized = true
	case msg.Mode == ansi.ModeUnicodeCore && msg.Value == ansi.ModeSet:
		s.countsClusters, s.renderer = true, nil
	}
}

// draw returns what turns the view that is shown into v; "" if they look the same.
func (s *screen) draw(v tea.View) string {
	from, f := s.shown, frame{modes: s.modesOf(v), content: v.Content, cursor: image.Pt(-1, -1), profile: s.profile}
	if v.Cursor != nil {
		f.cursor = image.Pt(v.Cursor.X, v.Cursor.Y)
	}
	if s.renderer != nil && f.cursor == from.cursor && f.content == from.content && f.profile == from.profile &&
		slices.Equal(f.modes, from.modes) {
		return ""
	}
	if f.profile != from.profile {
		s.renderer = nil
	}
	s.shown = f
	var b strings.Builder
	changeModes(&b, from.modes, f.modes)
	cells := s.paint(f)
	hides := from.cursor.X >= 0 && (f.cursor.X < 0 || !s.synchronized && len(cells) > 0) // else it jumps visibly
	if hides {
		b.WriteString(ansi.ResetModeTextCursorEnable)
	}
	if s.synchronized && len(cells) > 0 {
		cells = ansi.SetModeSynchronizedOutput + cells + ansi.ResetModeSynchronizedOutput
	}
	b.WriteString(cells)
	if f.cursor.X >= 0 && (hides || from.cursor.X < 0) {
		b.WriteString(ansi.SetModeTextCursorEnable)
	}
	return b.String()
}

// leave returns what restores the terminal as it was before the first view. The program's status stays.
func (s *screen) leave() string {
	if s.shown.modes == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString(ansi.CursorPosition(1, s.height)) // for terminals without an alternate screen
	left := make([]mode, len(s.shown.modes))
	left[len(left)-1] = s.shown.modes[len(left)-1]
	changeModes(&b, s.shown.modes, left)
	b.WriteString(ansi.SetModeTextCursorEnable)
	s.shown, s.renderer = frame{}, nil
	return b.String()
}

// paint returns what changes the cells and places the cursor.
func (s *screen) paint(f frame) string {
	s.changed.Reset()
	if s.renderer == nil {
		s.renderer = uv.NewTerminalRenderer(&s.changed, s.options.Environ)
		s.renderer.SetFullscreen(true)
		s.renderer.SetScrollOptim(runtime.GOOS != "windows") // Windows Terminal moves the cursor out of scroll regions
		s.renderer.Erase()
		s.cells, s.lines = uv.NewScreenBuffer(s.width, s.height), nil
	}
	s.renderer.SetColorProfile(f.profile)
	s.setCells(f.content)
	s.renderer.Render(s.cells.RenderBuffer)
	if f.cursor.X >= 0 {
		s.renderer.MoveTo(f.cursor.X, f.cursor.Y)
	}
	_ = s.renderer.Flush() // a bytes.Buffer takes everything
	return s.changed.String()
}

// setCells sets the cells of a content: of the lines that changed, if no line leaves a style to the next.
func (s *screen) setCells(content string) {
	lines, before := strings.Split(content, "\n"), s.lines
	s.lines = nil
	if slices.ContainsFunc(lines, leavesStyle) {
		uv.NewStyledString(content).Draw(s.cells, s.cells.Bounds())
		return
	}
	for y := range s.height {
		line := ""
		if y < len(lines) {
			line = lines[y]
		}
		if before == nil || before[y] != line {
			uv.NewStyledString(line).Draw(s.cells, uv.Rect(0, y, s.width, 1))
		}
		s.lines = append(s.lines, line)
	}
}

// leavesStyle reports whether a style or a link of a line may last in the next: its last sequence is not a reset.
func leavesStyle(line string) bool {
	last := strings.LastIndexByte(line, ansi.ESC)
	return last >= 0 && !strings.HasPrefix(line[last:], ansi.ResetStyle) || strings.Contains(line, "\x1b]")
}

// changeModes writes what turns modes into others. What is set first is reset last.
func changeModes(b *strings.Builder, from, to []mode) {
	for i, was := range slices.Backward(from) {
		if was.set != "" && to[i].set == "" {
			b.WriteString(was.reset)
		}
	}
	for i, is := range to {
		if i >= len(from) || is.set != from[i].set {
			b.WriteString(is.set)
		}
	}
}

// modesOf returns the modes of a view; the last one is the program's status.
func (s *screen) modesOf(v tea.View) []mode {
	input, mouse, cursor, style, status := s.options.In != nil, ansi.SetModeMouseButtonEvent, tea.Cursor{}, 0, mode{}
	if v.MouseMode == tea.MouseModeAllMotion {
		mouse = ansi.SetModeMouseAnyEvent
	}
	if v.Cursor != nil {
		cursor, style = *v.Cursor, int(v.Cursor.Shape)*2+1
		if !cursor.Blink {
			style++
		}
	}
	if v.ProgramStatus != nil {
		status = mode{ansi.SetProgramStatus(*v.ProgramStatus), ansi.ClearProgramStatusID(v.ProgramStatus.ID)}
	}
	return []mode{
		on(true, ansi.SetModeAltScreenSaveCursor, ansi.ResetModeAltScreenSaveCursor),
		// Every terminal has its own idea of the width of a cluster; they agree on that of a character.
		on(s.countsClusters, ansi.ResetModeUnicodeCore, ansi.SetModeUnicodeCore),
		on(!v.DisableBracketedPasteMode, ansi.SetModeBracketedPaste, ansi.ResetModeBracketedPaste),
		on(v.ReportFocus, ansi.SetModeFocusEvent, ansi.ResetModeFocusEvent),
		on(v.MouseMode != tea.MouseModeNone, mouse+ansi.SetModeMouseExtSgr,
			ansi.ResetModeMouseButtonEvent+ansi.ResetModeMouseAnyEvent+ansi.ResetModeMouseExtSgr),
		// Each of the two screens has its own stack of keyboard modes.
		on(input, ansi.PushKittyKeyboard(1)+ansi.SetModifyOtherKeys2, ansi.ResetModifyOtherKeys+ansi.PopKittyKeyboard(1)),
		on(input, ansi.KittyKeyboard(keyboard(v.KeyboardEnhancements), 1)+ansi.RequestKittyKeyboard, ""),
		on(v.WindowTitle != "", ansi.SetWindowTitle(v.WindowTitle), ansi.SetWindowTitle("")),
		on(v.ForegroundColor != nil, ansi.SetForegroundColor(hex(v.ForegroundColor)), ansi.ResetForegroundColor),
		on(v.BackgroundColor != nil, ansi.SetBackgroundColor(hex(v.BackgroundColor)), ansi.ResetBackgroundColor),
		on(style > 1, ansi.SetCursorStyle(style), ansi.SetCursorStyle(0)),
		on(cursor.Color != nil, ansi.SetCursorColor(hex(cursor.Color)), ansi.ResetCursorColor),
		status,
	}
}

func on(is bool, set, reset string) mode {
	if !is {
		set = ""
	}
	return mode{set, reset}
}

// keyboard returns the flags of the kitty keyboard protocol. The first, keys without ambiguity, is always set.
func keyboard(e tea.KeyboardEnhancements) int {
	flags := 1
	for i, on := range []bool{e.ReportEventTypes, e.ReportAlternateKeys, e.ReportAllKeysAsEscapeCodes,
		e.ReportAssociatedText} {
		if on {
			flags |= 2 << i
		}
	}
	return flags
}

func hex(c color.Color) string {
	if c == nil {
		return ""
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
