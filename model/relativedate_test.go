package model_test

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

func TestRelativeDates(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 25, 10, 30, 15, 250e6, zone)
	for text, want := range map[string]string{
		"now":               "2026-11-25T09:30:15.25Z",
		" Now ":             "2026-11-25T09:30:15.25Z",
		"today":             "2026-11-24T23:00:00Z",
		"yesterday":         "2026-11-23T23:00:00Z",
		"tomorrow 9:00":     "2026-11-26T08:00:00Z",
		"yesterday 18:30:5": "",
		"today 23:59:59":    "2026-11-25T22:59:59Z",
		"tomorrow 24:00":    "",
		"now 9:00":          "",
		"+2d":               "2026-11-27T09:30:15.25Z",
		"-3h":               "2026-11-25T06:30:15.25Z",
		"+90m":              "2026-11-25T11:00:15.25Z",
		"+1w2d 8:00":        "2026-12-04T07:00:00Z",
		"+1h 8:00":          "",
		"+1mo":              "2026-12-25T09:30:15.25Z",
		"-2y":               "2024-11-25T09:30:15.25Z",
		"+9000y":            "",
		"+999999y":          "",

		"+999999h999999h999999h999999h999999h": "",
		"2026-12-01":                           "2026-12-01T00:00:00Z",
		"+2":                                   "1970-01-01T00:00:00.002Z",
		"+2x":                                  "",
		"in two days":                          "",
	} {
		v, err := model.ParseAt(model.Date, text, bson.RawValue{}, now)
		got := ""
		if err == nil {
			got = v.Time().UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	if _, err := model.ParseAt(model.String, "now", bson.RawValue{}, now); err != nil {
		t.Errorf("a string: %v", err)
	}
}

// A day has 24 hours where its clock is put forward or back, too: +1d is the same time of the next day.
func TestRelativeDatesAcrossAChangeOfTheClock(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Skip(err)
	}
	now := time.Date(2026, 10, 24, 12, 0, 0, 0, vienna) // the clock goes back in the night
	for text, want := range map[string]string{"+1d": "2026-10-25T11:00:00Z", "tomorrow 12:00": "2026-10-25T11:00:00Z",
		"+24h": "2026-10-25T10:00:00Z"} {
		v, err := model.ParseAt(model.Date, text, bson.RawValue{}, now)
		if err != nil || v.Time().UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: got %v, %v; want %s", text, v, err, want)
		}
	}
}

// A day without midnight starts when the clock is put forward, a time that the clock skips is as much later, and of a
// time that it shows twice the first is meant.
func TestRelativeDatesWithoutMidnight(t *testing.T) {
	for _, c := range []struct{ zone, now, text, want string }{
		{"America/Santiago", "2026-09-05T12:00:00", "tomorrow 9:00", "2026-09-06T09:00:00-03:00"},
		{"America/Santiago", "2026-09-05T12:00:00", "tomorrow", "2026-09-06T01:00:00-03:00"},
		{"America/Santiago", "2026-09-05T12:00:00", "tomorrow 0:30", "2026-09-06T01:30:00-03:00"},
		{"America/Santiago", "2026-09-05T00:30:00", "+1d", "2026-09-06T01:30:00-03:00"},
		{"America/Santiago", "2026-09-05T00:30:00", "+1d 9:00", "2026-09-06T09:00:00-03:00"},
		{"America/Santiago", "2026-09-06T12:00:00", "today", "2026-09-06T01:00:00-03:00"},
		{"America/Havana", "2026-03-07T12:00:00", "tomorrow 9:00", "2026-03-08T09:00:00-04:00"},
		{"America/Havana", "2026-10-31T12:00:00", "tomorrow", "2026-11-01T00:00:00-04:00"},
		{"Atlantic/Azores", "2026-03-28T12:00:00", "tomorrow", "2026-03-29T01:00:00Z"},
		{"Atlantic/Azores", "2026-10-24T12:00:00", "tomorrow", "2026-10-25T00:00:00Z"},
		{"Europe/Vienna", "2026-03-28T12:00:00", "tomorrow 2:30", "2026-03-29T03:30:00+02:00"},
		{"Pacific/Apia", "2026-11-25T12:00:00", "yesterday", "2026-11-24T00:00:00+13:00"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Skip(err)
		}
		now, err := time.ParseInLocation("2006-01-02T15:04:05", c.now, zone)
		if err != nil {
			t.Fatal(err)
		}
		v, err := model.ParseAt(model.Date, c.text, bson.RawValue{}, now)
		if err != nil || v.Time().In(zone).Format(time.RFC3339) != c.want {
			t.Errorf("%s, %s, %s: got %v, %v; want %s", c.zone, c.now, c.text, v.Time().In(zone), err, c.want)
		}
	}
}

// No text panics or gives a date out of range, and a text that is not relative is read as before.
func FuzzRelativeDates(f *testing.F) {
	for _, text := range []string{"now", "+2d", "-999999y", "tomorrow 9:00", "+1w2d3h", "+1mo1", "2026-12-01", "+", ""} {
		f.Add(text, int64(1_795_600_000))
	}
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		now := time.Unix(seconds%(1<<37), 0).UTC()
		got, err := model.ParseAt(model.Date, text, bson.RawValue{}, now)
		if !model.IsRelativeDate(text) {
			want, wantErr := model.Parse(model.Date, text)
			if !model.Identical(got, want) || (err == nil) != (wantErr == nil) {
				t.Errorf("%q: got %v, %v; want %v, %v", text, got, err, want, wantErr)
			}
			return
		}
		if err == nil && (got.Time().UTC().Year() < 1 || got.Time().UTC().Year() > 9999) {
			t.Errorf("%q: got %v", text, got.Time())
		}
	})
}
