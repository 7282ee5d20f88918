package overlay

import (
	"slices"
	"strings"
	"time"

	"dossier/model"
	"dossier/ui/pane"
	"dossier/ui/style"
)

// The lifetime of a toast and the number of toasts at once.
const (
	toastLifetime = 6 * time.Second
	maxToasts     = 5
)

// Tone is the meaning of a toast.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Bad
)

// Topic is what a toast is about, if the toast is to vanish when that no longer exists.
type Topic int

// The topics.
const (
	NoTopic Topic = iota
	KeptDraft
	ChangedFields // what a refresh or a save changed: an earlier change of the same is outdated
)

// Toasts are short notices that expire. They have lines of their own above the footer, so that they cover nothing. The
// zero value is empty.
type Toasts struct {
	shown []toast
	tip   model.Visible // beside them, until it is replaced; empty: none
}

type toast struct {
	text  model.Visible
	tone  Tone
	topic Topic
	until time.Time
}

// Add shows a notice until now plus its lifetime, one that is shown already once; with too many, the oldest is dropped.
func (t *Toasts) Add(text model.Visible, tone Tone, topic Topic, now time.Time) {
	t.remove(func(other toast) bool { return other.tone == tone && other.text.String() == text.String() })
	t.shown = append(t.shown, toast{text, tone, topic, now.Add(toastLifetime)})
	if len(t.shown) > maxToasts {
		t.shown = t.shown[len(t.shown)-maxToasts:]
	}
}

// SetTip shows a text that does not expire, in place of the one before; an empty one removes it.
func (t *Toasts) SetTip(text model.Visible) { t.tip = text }

// all returns the tip and the toasts.
func (t *Toasts) all() []toast {
	if t.tip.Width() == 0 {
		return t.shown
	}
	return append([]toast{{text: t.tip}}, t.shown...)
}

// Expire removes the toasts whose lifetime is over.
func (t *Toasts) Expire(now time.Time) {
	t.remove(func(one toast) bool { return !now.Before(one.until) })
}

// End removes the toasts about a topic that no longer exists.
func (t *Toasts) End(topic Topic) { t.remove(func(one toast) bool { return one.topic == topic }) }

func (t *Toasts) remove(is func(toast) bool) { t.shown = slices.DeleteFunc(t.shown, is) }

// Next returns when the next toast expires; zero: there is none.
func (t *Toasts) Next() time.Time {
	if len(t.shown) == 0 {
		return time.Time{}
	}
	return t.shown[0].until
}

// Clear removes all toasts.
func (t *Toasts) Clear() { t.shown = nil }

// toastFrame is the width of a toast beside its text: a blank, the sign and two blanks.
const toastFrame = 4

// Fits reports whether a text is shown whole on a screen of this width.
func Fits(text model.Visible, width int) bool { return text.Width()+toastFrame+1 <= width }

// Rows returns the lines that the toasts need on a screen of this size.
func (t *Toasts) Rows(width, height int) int { return len(t.rows(width, height)) }

// rows arranges the toasts in lines, the newest in the last one: as many beside one another as fit. With too many
// lines, the oldest are dropped.
func (t *Toasts) rows(width, height int) [][]toast {
	var rows [][]toast
	used := 0
	for _, one := range t.all() {
		w := min(one.text.Width()+toastFrame, max(0, width-1)) + 1
		if len(rows) == 0 || used+w > width {
			rows, used = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], one)
		used += w
	}
	most := 1
	if height >= 24 {
		most = 3
	}
	return rows[max(0, len(rows)-most):]
}

// Lines draws the toasts on a screen of this size. One that is too long is cut.
func (t *Toasts) Lines(s *style.Styles, width, height int) []string {
	var lines []string
	for _, row := range t.rows(width, height) {
		var b strings.Builder
		for _, one := range row {
			sign, toastStyle := s.Glyphs.Bullet, s.Badge
			switch one.tone {
			case Good:
				sign, toastStyle = s.Glyphs.Good, s.BadgeGood
			case Bad:
				sign, toastStyle = s.Glyphs.Bad, s.BadgeBad
			}
			text := one.text.Clip(width - toastFrame - 1).String()
			b.WriteString(" " + toastStyle.Render(" "+sign+" "+text+" "))
		}
		lines = append(lines, pane.Fit(b.String(), width))
	}
	return lines
}
