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

// The state shown is the first that holds of unknown, due, stale, unchecked, current.
func TestBadgeDescriptionAndTimer(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	issued := model.Staleness{IssuedAt: now.Add(-10 * time.Minute), ExpiresAt: now.Add(20 * time.Minute)}
	with := func(changes ...func(*model.Staleness)) model.Staleness {
		s := issued
		for _, change := range changes {
			change(&s)
		}
		return s
	}
	checked := func(s *model.Staleness) { s.CheckedAt = now.Add(-2 * time.Minute) }
	stale := func(s *model.Staleness) { s.StaleSince = now.Add(-time.Minute) }
	changed := func(s *model.Staleness) { s.ChangedAt = now.Add(-90 * time.Second) }
	due := func(s *model.Staleness) { s.ExpiresAt = now.Add(-90 * time.Second) }
	unknown := func(s *model.Staleness) { s.UnreachableSince = now.Add(-time.Hour) }
	two := []model.Change{{Path: model.Path{"a"}}, {Path: model.Path{"b"}}}
	cases := []struct {
		staleness                 model.Staleness
		watching                  bool
		outdated                  []model.Change
		badge, description, timer string
	}{
		{staleness: issued, badge: "unchecked", description: "Not compared since 11:50:00.", timer: "20 min left"},
		{staleness: with(checked), watching: true, badge: "current",
			description: "This snapshot is 10 min old and equals the database.", timer: "20 min left"},
		{staleness: with(checked), badge: "current",
			description: "This snapshot is 10 min old and equalled the database at 11:58:00.", timer: "20 min left"},
		{staleness: with(stale, changed), outdated: two, badge: "stale",
			description: "2 fields are outdated since 11:58:30. r refreshes.", timer: "20 min left"},
		{staleness: with(stale), outdated: two[:1], badge: "stale",
			description: "1 field is outdated, noticed at 11:59:00. r refreshes.", timer: "20 min left"},
		{staleness: with(stale), badge: "stale",
			description: "The database differs, noticed at 11:59:00. r refreshes.", timer: "20 min left"},
		{staleness: with(stale, due), badge: "due",
			description: "The token expired 1 min ago. The next call refreshes it.", timer: "for 1 min"},
		{staleness: with(stale, due, unknown), badge: "unknown",
			description: "service unreachable since 11:00:00", timer: "for 1 h 00 min"},
	}
	styles := style.New(themes.Default(), true, style.Options{})
	for _, c := range cases {
		st := &state.State{HasUser: true, Staleness: c.staleness, Session: model.Session{SignedIn: true},
			Watching: c.watching, Reachable: true, Outdated: c.outdated}
		badge, _ := session.Badge(st, styles, now)
		if got := session.Description(st, now); badge != c.badge || got != c.description || session.Timer(st,
			now) != c.timer {
			t.Errorf("%q %q %q, want %q %q %q", badge, got, session.Timer(st, now), c.badge, c.description, c.timer)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "00:00", 59 * time.Second: "00:59", 60 * time.Second: "1 min",
		150 * time.Second: "2 min", 30 * time.Minute: "30 min", 94 * time.Minute: "1 h 34 min",
		49*time.Hour + 30*time.Minute: "2 d 01 h",
	} {
		if got := session.FormatDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// The time until the token expires is rounded up, and has seconds in the last two minutes.
func TestTimerCountsDown(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for remaining, want := range map[time.Duration]string{
		30 * time.Minute: "30 min left", 29*time.Minute + time.Second: "30 min left", 29 * time.Minute: "29 min left",
		121 * time.Second: "3 min left", 2 * time.Minute: "02:00 left", 59500 * time.Millisecond: "01:00 left",
		time.Second: "00:01 left", 61 * time.Minute: "1 h 01 min left",
	} {
		st := &state.State{HasUser: true, Staleness: model.Staleness{IssuedAt: now, ExpiresAt: now.Add(remaining)}}
		if got := session.Timer(st, now); got != want {
			t.Errorf("%v before the end: %q, want %q", remaining, got, want)
		}
	}
}
