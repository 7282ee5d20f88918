package session_test

import (
	"testing"
	"time"

	"dossier/model"
	"dossier/themes"
	"dossier/ui/session"
	"dossier/ui/state"
	"dossier/ui/style"
)

// The state shown is the first that holds of unknown, due, stale, current.
func TestBadgeDescriptionAndTimer(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	fresh := model.Staleness{IssuedAt: now.Add(-10 * time.Minute), ExpiresAt: now.Add(20 * time.Minute)}
	with := func(change func(*model.Staleness)) model.Staleness { s := fresh; change(&s); return s }
	stale := func(s *model.Staleness) { s.StaleSince = now.Add(-time.Minute) }
	due := func(s *model.Staleness) { stale(s); s.ExpiresAt = now.Add(-90 * time.Second) }
	unknown := func(s *model.Staleness) { due(s); s.UnreachableSince = now.Add(-time.Hour) }
	cases := []struct {
		staleness                 model.Staleness
		badge, description, timer string
	}{
		{fresh, "current", "nothing newer known", "20:00 left"},
		{with(stale), "stale", "since 11:59:00", "20:00 left"},
		{with(due), "due", "refreshes on the next call", "for 01:30"},
		{with(unknown), "unknown", "service unreachable since 11:00:00", "for 1:00:00"},
	}
	styles := style.New(themes.Default(), true, style.Options{})
	for _, c := range cases {
		st := &state.State{HasUser: true, Staleness: c.staleness, Session: model.Session{SignedIn: true}}
		badge, _ := session.Badge(st, styles, now)
		if got := session.Description(st, now); badge != c.badge || got != c.description || session.Timer(st,
			now) != c.timer {
			t.Errorf("%q %q %q, want %q %q %q", badge, got, session.Timer(st, now), c.badge, c.description, c.timer)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "00:00", 59 * time.Second: "00:59", 30 * time.Minute: "30:00", 90 * time.Minute: "1:30:00",
		49*time.Hour + 30*time.Minute: "2d 01h",
	} {
		if got := session.FormatDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
