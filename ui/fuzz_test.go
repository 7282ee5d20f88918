package ui_test

import (
	"image"
	"testing"
	"time"

	"dossier/themes"
	"dossier/ui/style"
	"dossier/ui/uitest"
)

// pressed lists the keys that the first byte values stand for.
var pressed = []string{
	"up", "down", "left", "right", "home", "end", "pgup", "pgdown", "tab", "shift+tab", "enter", "esc", "space",
	"backspace",
	"e", "a", "d", "E", "D", "r", "c", "s", "f", "U", "T", "m", "?", "/", "n", "N", "v", "y", "Y", "-", "+", "ctrl+k",
	"ctrl+t", "ctrl+s", "i", "x", ":", "&", "o", "]", "[", "2", "9", "ctrl+r", ".", "o", "&", "C", "A", "w", "ctrl+_", "alt+_",
}

// FuzzScreen types, clicks, resizes and waits at random: nothing panics, no frame is larger than the terminal, and what
// is kept of the last frame is what is drawn anew.
func FuzzScreen(f *testing.F) {
	f.Add(80, 24, []byte{1, 1, 1, 14, 13, 30, 10, 10, 200, 26, 11, 35, 39, 10})
	f.Add(140, 44, []byte{34, 27, 39, 10, 28, 201, 210, 230, 24, 1, 10, 250, 16, 10})
	f.Add(40, 12, []byte{17, 210, 11, 18, 1, 10, 1, 10, 21, 1, 10, 22, 10, 240, 20})
	f.Add(0, 0, []byte{26, 255, 14, 220})
	f.Add(100, 30, []byte{241, 21, 11, 41, 42, 44, 43, 27, 15, 10, 41, 242, 21, 11, 42, 40, 1, 8, 10, 47, 11, 11})
	f.Fuzz(func(t *testing.T, width, height int, keys []byte) {
		s := newScript(t, width, height)
		for i, b := range keys[:min(len(keys), 60)] {
			if s.driver.Quit {
				return
			}
			s.step(i, b)
			fits(t, s.driver, s.size)
			s.drawnAnew(t)
		}
		s.driver.Release()
	})
}

// script operates a screen by bytes.
type script struct {
	driver  *uitest.Driver
	backend *uitest.Backend
	user    *uitest.User
	size    image.Point
}

func newScript(t *testing.T, width, height int) *script {
	t.Helper()
	size := image.Pt(1+abs(width)%220, 1+abs(height)%70)
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: size, Themes: themes.Builtin(), Style: style.Options{NoColor: width%2 == 0,
		ASCII: height%2 == 0}})
	return &script{d, backend, user, size}
}

// step does what byte number i stands for.
func (s *script) step(i int, b byte) {
	d := s.driver
	switch {
	case int(b) < len(pressed):
		d.Press(pressed[b])
	case b < 200:
		d.Click(int(b)*7%max(1, s.size.X), i*5%max(1, s.size.Y))
	case b < 210:
		d.Wait(time.Duration(b-199) * 7 * time.Second)
	case b < 230:
		s.size = image.Pt(int(b-209)*(i+1)%200, int(b)*(i+3)%60)
		d.Resize(s.size.X, s.size.Y)
	case b < 240:
		d.Wheel(int(b)%max(1, s.size.X), i%max(1, s.size.Y), int(b)-235)
	case b < 248:
		s.user.ChangeField([]string{"favoriteColor", "address.city", "new", "tags"}[b%4], []any{"purple\x1b]0;x\a", nil,
			int64(7), true}[i%4])
	case b < 253:
		s.backend.SetFailure(uitest.Failure(int(b-248) % 5))
		if b == 252 {
			d.Release()
		}
	default:
		s.user.EndSession()
	}
}

// drawnAnew fails the test unless the frame, of which parts are kept from the last one, is what is drawn without them,
// and what another message draws.
func (s *script) drawnAnew(t *testing.T) {
	t.Helper()
	shown := s.driver.Model.View().Content
	if anew := s.driver.Model.DrawAnew(); shown != anew {
		t.Fatalf("the screen shows\n%s\ninstead of\n%s", shown, anew)
	}
	if s.driver.Send(struct{}{}); shown != s.driver.ANSI() {
		t.Fatalf("the screen shows\n%s\nand after another message\n%s", shown, s.driver.ANSI())
	}
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}
