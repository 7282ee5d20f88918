package session

import (
	"fmt"
	"time"

	"charm.land/lipgloss/v2"

	"dossier/model"
	"dossier/ui/state"
	"dossier/ui/style"
)

// Badge returns the name of the state and its style.
func Badge(st *state.State, s *style.Styles, now time.Time) (string, lipgloss.Style) {
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
	default:
		return "current", s.BadgeGood
	}
}

// Description returns a sentence about the state. "current" means only that nothing newer is known.
func Description(st *state.State, now time.Time) string {
	if st.HasUser && !st.Session.SignedIn {
		return "by the service: sign in again"
	}
	switch st.StalenessState(now) {
	case model.Unknown:
		return "service unreachable since " + st.FormatTime(st.Staleness.UnreachableSince)
	case model.Due:
		return "refreshes on the next call"
	case model.Stale:
		return "since " + st.FormatTime(st.Staleness.StaleSince)
	default:
		return "nothing newer known"
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
		return FormatDuration(st.Staleness.Remaining(now)) + " left"
	}
}

// FormatDuration writes a duration as "04:05", "3:04:05" from 1 hour on, "2d 03h" from 48 hours on.
func FormatDuration(d time.Duration) string {
	d = max(0, d)
	seconds := int(d / time.Second)
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	switch {
	case h >= 48:
		return fmt.Sprintf("%dd %02dh", h/24, h%24)
	case h > 0:
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	default:
		return fmt.Sprintf("%02d:%02d", m, s)
	}
}
