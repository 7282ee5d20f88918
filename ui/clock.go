package ui

import (
	"image"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/layout"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// The time between two ticks is at least minTick, so that a burst of change events costs one frame, unless a text
// changes before. It is at most maxTick: for that long the screen is wrong after the machine has slept.
const (
	minTick       = time.Second
	maxTick       = time.Minute
	tickPrecision = time.Millisecond
)

// clock decides when the next tick comes: when a text on the screen changes, not after a fixed time.
type clock struct {
	next  time.Time // the next tick
	timer time.Time // end of the earliest timer under way; zero: none is
	basis basis     // of next

	document string // the text of the document pane that depends on the time
}

// basis is what the next tick follows from.
type basis struct {
	toast, user, story time.Time
	state              *state.State
	layout             layout.Layout
	overlays           string // their texts that depend on the time
}

// wake is sent when a change event has arrived.
type wake struct{}

// advance takes the time of a message. It is a tick if the time has come for one.
func (m *Model) advance(now time.Time) tea.Cmd {
	passed, setBack := now.Sub(m.now), now.Before(m.now)
	if now.Before(m.clock.next) && passed < minTick && !setBack {
		return nil
	}
	if !now.Before(m.clock.next) || setBack {
		for r, p := range m.panes {
			if _, ok := p.(pane.WithClock); ok {
				m.frames[r].dirty = true
			}
		}
	}
	m.now = now
	m.toasts.Expire(now)
	tick := state.Tick{Now: now}
	cmds := []tea.Cmd{m.overlays.update(tick)}
	for _, p := range m.panes {
		cmds = append(cmds, p.Update(tick))
	}
	return tea.Batch(append(cmds, m.arrange(), m.apply(m.user.Tick(now)))...)
}

// schedule starts a timer for the next tick, unless one ends before.
func (m *Model) schedule(now time.Time) tea.Cmd {
	b := basis{m.toasts.Next(), m.user.NextTick(), m.nextNarration(), m.state, m.layout, m.overlays.clockText(m.now)}
	// the selection changes the document's text often, but seldom so that it changes before the next tick
	document := m.document.ClockText(m.now)
	changes := document != m.clock.document && document != m.document.ClockText(m.clock.next)
	m.clock.document = document
	if changes || b != m.clock.basis || !m.now.Before(m.clock.next) || m.clock.next.Sub(m.now) > maxTick {
		m.clock.basis, m.clock.next = b, m.nextTick(b.toast, b.user, b.story)
	}
	if m.clock.timer.After(now) && !m.clock.timer.After(m.clock.next) {
		return nil
	}
	m.clock.timer = m.clock.next
	wait := min(maxTick, max(tickPrecision, m.clock.next.Sub(now)))
	return m.cfg.After(wait, func(time.Time) tea.Msg { return wake{} })
}

// nextTick returns the first of some times, zero ones excepted, and of the time at which a text on the screen changes.
func (m *Model) nextTick(times ...time.Time) time.Time {
	next := m.now.Add(maxTick)
	for _, t := range times {
		if t.After(m.now) && t.Before(next) {
			next = t
		}
	}
	if m.layout.TooSmall || m.size == (image.Point{}) {
		return next
	}
	text := m.clockText(m.now)
	if m.clockText(next) == text {
		return next
	}
	unchanged := m.now // a text that has changed does not change back before next
	for next.Sub(unchanged) > tickPrecision {
		middle := unchanged.Add(next.Sub(unchanged) / 2)
		if m.clockText(middle) == text {
			unchanged = middle
		} else {
			next = middle
		}
	}
	if whole := next.Truncate(tickPrecision); whole.After(m.now) && m.clockText(whole) != text {
		return whole
	}
	return next
}

// clockText returns the texts on the screen that depend on the time, as they are at a time. The session pane has those
// of the header.
func (m *Model) clockText(now time.Time) string {
	var b strings.Builder
	for _, p := range m.panes {
		if c, ok := p.(pane.WithClock); ok {
			b.WriteString(c.ClockText(now) + "\n")
		}
	}
	return b.String() + m.overlays.clockText(now)
}
