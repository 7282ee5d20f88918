package state_test

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

func TestAgo(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for span, want := range map[time.Duration]string{
		0: "less than a minute ago", 59 * time.Second: "less than a minute ago", time.Minute: "1 minute ago",
		119 * time.Minute: "119 minutes ago", 2 * time.Hour: "2 hours ago", 47 * time.Hour: "47 hours ago",
		72 * time.Hour: "3 days ago", 90 * 24 * time.Hour: "3 months ago", 800 * 24 * time.Hour: "2 years ago",
		-time.Hour: "in 60 minutes", -72 * time.Hour: "in 3 days",
	} {
		if got := state.Ago(now.Add(-span), now); got != want {
			t.Errorf("%v: %q, want %q", span, got, want)
		}
	}
	now = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	for day, want := range map[string]string{"2025-12-03": "11 months ago", "2025-11-28": "12 months ago",
		"2024-12-08": "23 months ago", "2024-11-28": "2 years ago", "2024-11-29": "23 months ago",
		"2026-09-28": "2 months ago", "2026-09-29": "60 days ago", "9999-12-31": "in 7973 years",
		"2027-11-27": "in 11 months", "2020-02-29": "6 years ago"} {
		if at, err := time.Parse(time.DateOnly, day); err != nil || state.Ago(at, now) != want {
			t.Errorf("%s: %q, want %q", day, state.Ago(at, now), want)
		}
	}
	if got := state.Ago(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), now); got != "2025 years ago" {
		t.Errorf("the year 1: %q", got)
	}
}

func TestSummaryAndClippedValues(t *testing.T) {
	s := &state.State{}
	v := model.ValueOf(bson.D{{Key: "name", Value: "studio"}, {Key: "seats", Value: int32(8)},
		{Key: "tags", Value: bson.A{"a", "b"}}, {Key: "note", Value: strings.Repeat("x", 5000)}})
	for width, want := range map[int]string{80: "name: studio, seats: 8, tags: [2 items], note: " + strings.Repeat("x",
		32) + "…",
		14: "name: studio,…", 0: ""} {
		if got := s.Summary(model.Path{"plan"}, v, width).String(); got != want {
			t.Errorf("%d cells: %q", width, got)
		}
	}
	id := model.ValueOf(bson.ObjectID{0x6b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xf9})
	for _, c := range []struct {
		value bson.RawValue
		want  string
	}{{id, "6b010…0af9"}, {model.ValueOf("6B0102030405060708090AF9"), "6B010…0AF9"}, {model.ValueOf("a long text"),
		"a long te…"}} {
		if got := s.Clipped(nil, c.value, 10).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	masked := &state.State{Masked: true, Revealed: model.Path{"plan", "seats"}, Aliases: state.NewAliases()}
	if got := masked.Summary(model.Path{"plan"}, v,
		80).String(); got != "name: •••••, seats: 8, tags: [2 items], note: •••••" {
		t.Errorf("masked: %q", got)
	}
	if d := masked.Details(model.Path{"id"}, id); d != nil || masked.Age(model.Path{"id"}, id, time.Now()) != "" {
		t.Errorf("masked: %v", d)
	}
}
