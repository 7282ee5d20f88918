package overlay

import (
	"image"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"dossier/model"
	"dossier/ui/style"
)

// The lifetime of a toast, the number of toasts at once, and the size of one.
const (
	toastLifetime = 6 * time.Second
	maxToasts     = 5
	maxToastWidth = 64
	maxToastLines = 3
)

// Tone is the meaning of a toast.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Bad
)

// Toasts are short notices that expire. The zero value is empty.
type Toasts struct{ shown []toast }

type toast struct {
	text  model.Visible
	tone  Tone
	until time.Time
}

// Add shows a notice until now plus its lifetime, one that is shown already once; with too many, the oldest is dropped.
func (t *Toasts) Add(text model.Visible, tone Tone, now time.Time) {
	t.shown = slices.DeleteFunc(t.shown, func(other toast) bool {
		return other.tone == tone && other.text.String() == text.String()
	})
	t.shown = append(t.shown, toast{text, tone, now.Add(toastLifetime)})
	if len(t.shown) > maxToasts {
		t.shown = t.shown[len(t.shown)-maxToasts:]
	}
}

// Expire removes the toasts whose lifetime is over.
func (t *Toasts) Expire(now time.Time) {
	remaining := make([]toast, 0, len(t.shown))
	for _, one := range t.shown {
		if now.Before(one.until) {
			remaining = append(remaining, one)
		}
	}
	t.shown = remaining
}

// Next returns when the next toast expires; zero: there is none.
func (t *Toasts) Next() time.Time {
	if len(t.shown) == 0 {
		return time.Time{}
	}
	return t.shown[0].until
}

// Clear removes all toasts.
func (t *Toasts) Clear() { t.shown = nil }

// Empty reports whether there is nothing to draw.
func (t *Toasts) Empty() bool { return len(t.shown) == 0 }

// View draws the toasts below one another, right-aligned, the newest last; it returns the size of the box too.
func (t *Toasts) View(s *style.Styles, area image.Point) (string, image.Point) {
	width := min(maxToastWidth, area.X-4)
	if width < 8 || area.Y < 1 {
		return "", image.Point{}
	}
	var lines []string
	widest := 0
	for _, one := range t.shown {
		sign, toastStyle := s.Glyphs.Bullet, s.Badge
		switch one.tone {
		case Good:
			sign, toastStyle = s.Glyphs.Good, s.BadgeGood
		case Bad:
			sign, toastStyle = s.Glyphs.Bad, s.BadgeBad
		}
		wrapped := one.text.Wrap(width - 4)
		for i, text := range wrapped[:min(len(wrapped), maxToastLines)] {
			if i > 0 {
				sign = " "
			}
			line := toastStyle.Render(" " + sign + " " + text.String() + " ")
			lines = append(lines, line)
			widest = max(widest, ansi.StringWidthWc(line))
		}
	}
	lines = lines[max(0, len(lines)-area.Y):]
	for i, line := range lines {
		lines[i] = line + padding(s, widest-ansi.StringWidthWc(line))
	}
	return strings.Join(lines, "\n"), image.Pt(widest, len(lines))
}

// padding fills the line beside a shorter toast.
func padding(s *style.Styles, width int) string {
	return s.Text.Render(strings.Repeat(" ", max(0, width)))
}
