package session

import (
	"fmt"
	"time"

	"dossier/model"
	"dossier/ui/state"
	"dossier/ui/style"
)

// Badge returns the name of the state and its style.
func Badge(st *state.State, s *style.Styles, now time.Time) (string, style.Style) {
	switch {
	case !st.HasUser:
		return "signed out", s.Badge
	case !st.Session.SignedIn:
		return "signed out", s.BadgeBad
	}
	switch st.StalenessState(now) {
	case model.Unknown:
		return "unknown", s.BadgeBad
	case model.Due:
		return "due", s.BadgeWarn
	case model.Stale:
		return "stale", s.BadgeWarn
	case model.Unchecked:
		return "unchecked", s.Badge
	default:
		return "current", s.BadgeGood
	}
}

// Description returns sentences about the state that claim only what dossier knows.
func Description(st *state.State, now time.Time) string {
	if st.HasUser && !st.Session.SignedIn {
		return "by the service: sign in again"
	}
	t := st.Staleness
	switch st.StalenessState(now) {
	case model.Unknown:
		return "service unreachable since " + st.FormatTime(t.UnreachableSince)
	case model.Due:
		return "The token expired " + FormatDuration(-t.Remaining(now)) + " ago. The next call refreshes it."
	case model.Stale:
		return outdated(st) + ". r refreshes."
	case model.Unchecked:
		if st.Session.Snapshot.TooLarge {
			return "The token has no snapshot: the document is too large."
		}
		return "Not compared since " + st.FormatTime(t.IssuedAt) + "."
	}
	if st.Session.Snapshot.TooLarge {
		return "The token has no snapshot, and the database had no document at " + st.FormatTime(t.CheckedAt) + "."
	}
	if st.Watching && st.Reachable && !st.Opening {
		return "This snapshot is " + ageText(t.Age(now)) + " old and equals the database."
	}
	return "This snapshot is " + ageText(t.Age(now)) + " old and equalled the database at " + st.FormatTime(t.CheckedAt) +
		"."
}

// outdated describes a difference from the database: since when, or else when it was noticed.
func outdated(st *state.State) string {
	text := "The database differs"
	switch n := len(st.Outdated); {
	case n == 1:
		text = "1 field is outdated"
	case n > 1:
		text = fmt.Sprintf("%d fields are outdated", n)
	}
	if at := st.Staleness.ChangedAt; !at.IsZero() {
		return text + " since " + st.FormatTime(at)
	}
	return text + ", noticed at " + st.FormatTime(st.Staleness.StaleSince)
}

// ageText writes an age in its largest unit.
func ageText(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d/time.Minute))
	default:
		return fmt.Sprintf("%d h", int(d/time.Hour))
	}
}

// Timer returns the time to show in the header: until the token expires, or since the state began.
func Timer(st *state.State, now time.Time) string {
	if !st.HasUser || st.Staleness.ExpiresAt.IsZero() {
		return ""
	}
	switch st.StalenessState(now) {
	case model.Unknown:
		return "for " + FormatDuration(now.Sub(st.Staleness.UnreachableSince))
	case model.Due:
		return "for " + FormatDuration(-st.Staleness.Remaining(now))
	default:
		return formatRemaining(st.Staleness.Remaining(now)) + " left"
	}
}

// Seconds are written in a time until something up to secondsLeft, and in a time since something below secondsPast. A
// text without seconds changes once a minute, and the screen rests between.
const (
	secondsLeft = 2 * time.Minute
	secondsPast = time.Minute
)

// formatRemaining writes the time until something, rounded up: it begins and ends with a full unit.
func formatRemaining(d time.Duration) string {
	if d <= secondsLeft {
		return minutesAndSeconds(d + time.Second - 1)
	}
	return FormatDuration((d + time.Minute - 1).Truncate(time.Minute))
}

// FormatDuration writes the time since something as "00:42" below 1 minute, as "29 min" below 1 hour, as "3 h 04 min"
// below 48 hours, else as "2 d 03 h".
func FormatDuration(d time.Duration) string {
	minutes := int(d / time.Minute)
	h := minutes / 60
	switch {
	case d < secondsPast:
		return minutesAndSeconds(d)
	case h == 0:
		return fmt.Sprintf("%d min", minutes)
	case h < 48:
		return fmt.Sprintf("%d h %02d min", h, minutes%60)
	default:
		return fmt.Sprintf("%d d %02d h", h/24, h%24)
	}
}

// minutesAndSeconds writes a duration as "01:05"; "00:00" when it is negative.
func minutesAndSeconds(d time.Duration) string {
	seconds := int(max(0, d) / time.Second)
	return fmt.Sprintf("%02d:%02d", seconds/60, seconds%60)
}
