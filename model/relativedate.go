package model

import (
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ParseAt is ParseOver that also reads dates relative to now, in the time zone of now:
//   - now; today, yesterday and tomorrow: the start of that day
//   - +2d, -3h, +1w2d: a time before or after now, in s, m (minutes), h, d, w, mo (months) and y
//   - any of these but now with a time of day: tomorrow 9:00, +2d 18:30:15
func ParseAt(kind Kind, text string, old bson.RawValue, now time.Time) (bson.RawValue, error) {
	if kind == Date && IsRelativeDate(text) {
		return parseRelativeDate(text, now)
	}
	v, err := ParseOver(kind, text, old)
	if err != nil && strings.HasSuffix(err.Error(), dateExpected) {
		return parseError(kind, strings.TrimSpace(text), dateExpected+"; or from now, such as tomorrow 9:00, +2d or -3h")
	}
	return v, err
}

// IsRelativeDate reports whether a text names a date relative to now. ParseAt may refuse it all the same, because of
// its time of day or because the date is out of range.
func IsRelativeDate(text string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	_, isDay := dayOffset(word)
	_, isSpan := readSpan(word)
	return isDay || isSpan || strings.EqualFold(word, "now")
}

const relativeExpected = "now, today, yesterday or tomorrow, +2d, -3h (s, m, h, d, w, mo, y), " +
	"and after a day a time such as tomorrow 9:00"

// The years that a date may have; beyond, times cannot be written as text everywhere.
const minYear, maxYear = 1, 9999

func parseRelativeDate(text string, now time.Time) (bson.RawValue, error) {
	word, clock, hasClock := strings.Cut(strings.TrimSpace(text), " ")
	span := dateSpan{}
	h, m, sec := now.Clock()
	nanosecond, wholeDay := now.Nanosecond(), false
	if offset, isDay := dayOffset(word); isDay {
		span.days, wholeDay = offset, true
		h, m, sec, nanosecond = 0, 0, 0, 0
	} else if s, isSpan := readSpan(word); isSpan {
		span, wholeDay = s, s.wholeDays()
	}
	if hasClock {
		var ok bool
		h, m, sec, ok = readClock(strings.TrimSpace(clock))
		if !ok || !wholeDay {
			return parseError(Date, text, relativeExpected)
		}
		nanosecond = 0
	}
	at := now
	if wholeDay || span.hasDays() {
		at = timeIn(now.Location(), time.Date(now.Year()+span.years, now.Month()+time.Month(span.months),
			now.Day()+span.days, h, m, sec, nanosecond, time.UTC))
	}
	at = at.Add(span.time)
	if y := at.UTC().Year(); y < minYear || y > maxYear {
		return parseError(Date, text, "a date from the year 1 to the year 9999")
	}
	return ValueOf(bson.DateTime(at.UnixMilli())), nil
}

// dayOffset returns the days from today to a day that a word names.
func dayOffset(word string) (days int, ok bool) {
	switch strings.ToLower(word) {
	case "yesterday":
		return -1, true
	case "today":
		return 0, true
	case "tomorrow":
		return 1, true
	}
	return 0, false
}

// timeIn returns the first time at which the clock of a location shows a date and time, given in UTC. A time that the
// clock skips is as much later: so the start of a day without midnight is its first moment.
func timeIn(l *time.Location, shown time.Time) time.Time {
	const day = 24 * time.Hour // an offset is less, and clocks change less often
	at := func(around time.Time) time.Time {
		_, offset := around.In(l).Zone()
		return shown.Add(-time.Duration(offset) * time.Second).In(l)
	}
	before, after := at(shown.Add(-day)), at(shown.Add(day))
	if !showsTime(before, shown) && showsTime(after, shown) {
		return after
	}
	return before
}

// showsTime reports whether the clock at a time shows a date and time, given in UTC.
func showsTime(t, shown time.Time) bool {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).Equal(shown)
}

// readClock reads a time of day, such as 9:00 or 18:30:15.
func readClock(text string) (h, m, s int, ok bool) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil && t.Nanosecond() == 0 {
			return t.Hour(), t.Minute(), t.Second(), true
		}
	}
	return 0, 0, 0, false
}

// dateSpan is a span of calendar units and of a time.
type dateSpan struct {
	years, months, days int
	time                time.Duration
}

func (s dateSpan) wholeDays() bool { return s.time == 0 }

func (s dateSpan) hasDays() bool { return s.years != 0 || s.months != 0 || s.days != 0 }

// maxCountDigits is the maximal length of a count in a span, so that no sum overflows.
const maxCountDigits = 6

// readSpan reads a signed span such as +2d or -1w3d.
func readSpan(text string) (s dateSpan, ok bool) {
	if len(text) < 3 || text[0] != '+' && text[0] != '-' {
		return s, false
	}
	sign := 1
	if text[0] == '-' {
		sign = -1
	}
	for rest := text[1:]; rest != ""; {
		digits := leadingDigits(rest)
		unit := rest[digits:]
		if end := strings.IndexAny(unit, "0123456789"); end >= 0 {
			unit = unit[:end]
		}
		n := 0
		for _, c := range rest[:min(digits, maxCountDigits)] {
			n = n*10 + int(c-'0')
		}
		if digits == 0 || digits > maxCountDigits || !s.add(sign*n, unit) {
			return dateSpan{}, false
		}
		rest = rest[digits+len(unit):]
	}
	return s, true
}

// add adds a number of units; false: there is no such unit, or the span becomes too long.
func (s *dateSpan) add(n int, unit string) bool {
	switch unit {
	case "s":
		s.time += time.Duration(n) * time.Second
	case "m", "min":
		s.time += time.Duration(n) * time.Minute
	case "h":
		s.time += time.Duration(n) * time.Hour
	case "d":
		s.days += n
	case "w":
		s.days += 7 * n
	case "mo":
		s.months += n
	case "y":
		s.years += n
	default:
		return false
	}
	return s.inRange()
}

// inRange reports whether the span has units that time.AddDate adds without an overflow.
func (s dateSpan) inRange() bool {
	const limit, hours = 100_000_000, 1_000_000
	small := func(n int) bool { return n > -limit && n < limit }
	return small(s.years) && small(s.months) && small(s.days) && s.time.Abs() < hours*time.Hour
}
