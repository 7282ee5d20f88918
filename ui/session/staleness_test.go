package session_test

import (
	"slices"
	"testing"
	"time"

	"dossier/model"
	"dossier/ui/session"
	"dossier/ui/state"
)

// The state shown is the first that holds of unknown, due, stale, unchecked, current.
func TestSentences(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	issued := model.Staleness{IssuedAt: now.Add(-10 * time.Minute), ExpiresAt: now.Add(19*time.Minute + time.Second)}
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
	justDue := func(s *model.Staleness) { s.ExpiresAt = now.Add(-36 * time.Second) }
	unknown := func(s *model.Staleness) { s.UnreachableSince = now.Add(-time.Hour) }
	two := []model.Change{{Path: model.Path{"a"}}, {Path: model.Path{"b"}}}
	const app = ": {everywhere.compare} compares. The next call after 12:19:01 renews this token; {everywhere.refresh} renews it now."
	cases := []struct {
		staleness                 model.Staleness
		watching                  bool
		outdated                  []model.Change
		name, sentence            string
		longHeadline, shortestOne string
	}{
		{staleness: issued, name: "unchecked", sentence: "This copy is 10 min old. Not compared since 11:50.",
			longHeadline: "10 min old, not compared since 11:50", shortestOne: "not compared"},
		{staleness: with(checked), watching: true, name: "current",
			sentence:     "This copy is 10 min old and equals the database.",
			longHeadline: "10 min old, equals the database", shortestOne: "current"},
		{staleness: with(checked), name: "current",
			sentence:     "This copy is 10 min old and equalled the database at 11:58.",
			longHeadline: "10 min old, equalled the database at 11:58", shortestOne: "current"},
		{staleness: with(stale, changed), outdated: two, name: "stale",
			sentence:     "2 fields are outdated since 11:58" + app,
			longHeadline: "2 fields outdated since 11:58", shortestOne: "2 outdated"},
		{staleness: with(stale), outdated: two[:1], name: "stale",
			sentence:     "1 field is outdated, noticed at 11:59" + app,
			longHeadline: "1 field outdated, noticed at 11:59", shortestOne: "1 outdated"},
		{staleness: with(stale), name: "stale", sentence: "The database differs, noticed at 11:59" + app,
			longHeadline: "the database differs, noticed at 11:59", shortestOne: "stale"},
		{staleness: with(stale, due), name: "due", sentence: "The token expired 1 min ago. The next call renews it.",
			longHeadline: "token expired 1 min ago, the next call renews it", shortestOne: "due"},
		{staleness: with(justDue), name: "due",
			sentence:     "The token expired less than 1 min ago. The next call renews it.",
			longHeadline: "token expired less than 1 min ago, the next call renews it", shortestOne: "due"},
		{staleness: with(stale, due, unknown), name: "unknown",
			sentence:     "The service is unreachable since 11:00. This copy is 10 min old.",
			longHeadline: "service unreachable since 11:00", shortestOne: "unreachable"},
	}
	for _, c := range cases {
		st := &state.State{HasUser: true, Staleness: c.staleness, Session: model.Session{SignedIn: true},
			Watching: c.watching, Reachable: true, Outdated: c.outdated}
		forms := session.Headlines(st, now)
		got := []string{session.StateName(st, now), session.Sentence(st, now), forms[0], forms[len(forms)-1]}
		if want := []string{c.name, c.sentence, c.longHeadline, c.shortestOne}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A text that changes each second would keep the screen awake.
func TestSentencesHaveNoSeconds(t *testing.T) {
	issued := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	st := &state.State{HasUser: true, Session: model.Session{SignedIn: true},
		Staleness: model.Staleness{IssuedAt: issued, ExpiresAt: issued.Add(30 * time.Minute)}}
	for _, start := range []time.Duration{0, time.Minute, 29 * time.Minute, 30 * time.Minute, 50 * time.Hour} {
		at := issued.Add(start)
		for _, second := range []time.Duration{time.Second, 59 * time.Second} {
			later := at.Add(second)
			if a, b := session.Sentence(st, at), session.Sentence(st, later); a != b {
				t.Errorf("%q after %v, %q after %v", a, start, b, start+second)
			}
		}
	}
}
