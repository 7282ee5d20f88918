package session

import (
	"fmt"
	"time"

	"dossier/model"
	"dossier/ui/state"
	"dossier/ui/style"
)

// StateName returns the name of the state in one or two words.
func StateName(st *state.State, now time.Time) string {
	if !st.HasUser || !st.Session.SignedIn {
		return "signed out"
	}
	return string(st.StalenessState(now))
}

// StateStyle returns the style of sentences about the state.
func StateStyle(st *state.State, s *style.Styles, now time.Time) style.Style {
	switch {
	case !st.HasUser:
		return s.Muted
	case !st.Session.SignedIn:
		return s.Bad
	}
	switch st.StalenessState(now) {
	case model.Unknown:
		return s.Bad
	case model.Due, model.Stale:
		return s.Warn
	case model.Unchecked:
		return s.Muted
	default:
		return s.Good
	}
}

// Sentence describes the state. It claims only what dossier knows. Keys are written as keys.Map.Expand reads them.
func Sentence(st *state.State, now time.Time) string {
	if st.HasUser && !st.Session.SignedIn {
		return "The service ended this session: sign in again."
	}
	t, age := st.Staleness, "This copy is "+ageText(st.Staleness.Age(now))+" old"
	switch st.StalenessState(now) {
	case model.Unknown:
		return "The service is unreachable since " + st.FormatMinute(t.UnreachableSince) + ". " + age + "."
	case model.Due:
		return "The token expired " + ageText(-t.Remaining(now)) + " ago. The next call renews it."
	case model.Stale:
		return outdatedFields(st, "is", "are") + ": {everywhere.compare} compares. The next call after " +
			st.FormatTime(t.ExpiresAt) + " renews this token; {everywhere.refresh} renews it now."
	case model.Unchecked:
		if st.Session.Snapshot.TooLarge {
			return "The token has no copy: the document is too large."
		}
		return age + ". Not compared since " + st.FormatMinute(t.IssuedAt) + "."
	}
	if st.Session.Snapshot.TooLarge {
		return "The token has no copy, and the database had no document at " + st.FormatMinute(t.CheckedAt) + "."
	}
	if watched(st) {
		return age + " and equals the database."
	}
	return age + " and equalled the database at " + st.FormatMinute(t.CheckedAt) + "."
}

// Headlines returns shorter and shorter forms of the sentence, for the header.
func Headlines(st *state.State, now time.Time) []string {
	switch {
	case !st.HasUser:
		return []string{""}
	case !st.Session.SignedIn:
		return []string{"signed out"}
	case st.Opening:
		return []string{"as of " + st.FormatTime(st.AsOf())}
	}
	t, age, name := st.Staleness, ageText(st.Staleness.Age(now))+" old", StateName(st, now)
	switch st.StalenessState(now) {
	case model.Unknown:
		return []string{"service unreachable since " + st.FormatMinute(t.UnreachableSince), "unreachable"}
	case model.Due:
		expired := "token expired " + ageText(-t.Remaining(now)) + " ago"
		return []string{expired + ", the next call renews it", expired, name}
	case model.Stale:
		forms := []string{outdatedFields(st, "", ""), name}
		if n := len(st.Outdated); n > 0 {
			forms[1] = fmt.Sprintf("%d outdated", n)
		}
		return forms
	case model.Unchecked:
		if st.Session.Snapshot.TooLarge {
			return []string{"no copy in the token", "no copy"}
		}
		return []string{age + ", not compared since " + st.FormatMinute(t.IssuedAt), "not compared"}
	}
	if watched(st) {
		return []string{age + ", equals the database", age + ", " + name, name}
	}
	return []string{age + ", equalled the database at " + st.FormatMinute(t.CheckedAt), age, name}
}

// watched reports whether a change of the database would be noticed now.
func watched(st *state.State) bool { return st.Watching && st.Reachable && !st.Opening }

// outdatedFields describes a difference from the database: since when, or else when it was noticed. one and many are
// the verb.
func outdatedFields(st *state.State, one, many string) string {
	text := "The database differs"
	if one == "" {
		text = "the database differs"
	}
	switch n := len(st.Outdated); {
	case n == 1:
		text = joined("1 field", one, "outdated")
	case n > 1:
		text = joined(fmt.Sprintf("%d fields", n), many, "outdated")
	}
	if at := st.Staleness.ChangedAt; !at.IsZero() {
		return text + " since " + st.FormatMinute(at)
	}
	return text + ", noticed at " + st.FormatMinute(st.Staleness.StaleSince)
}

// joined joins words; an empty one is left out.
func joined(subject, verb, rest string) string {
	if verb == "" {
		return subject + " " + rest
	}
	return subject + " " + verb + " " + rest
}

// ageText writes how long ago something was, rounded down, without seconds: a text that changes each second would keep
// the screen awake.
func ageText(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes < 1:
		return "less than 1 min"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60:
		return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
	default:
		return fmt.Sprintf("%d d %02d h", minutes/60/24, minutes/60%24)
	}
}

// untilText writes how far ahead something is, rounded up, without seconds.
func untilText(d time.Duration) string { return ageText(d + time.Minute - 1) }
