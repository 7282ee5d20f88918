package session

import (
	"fmt"
	"time"

	"charm.land/lipgloss/v2"

	"dossier/model"
	"dossier/ui/state"
	"dossier/ui/style"
)

// Badge is the state in a word or two, and the style that goes with it.
func Badge(r *state.State, s *style.Styles, now time.Time) (string, lipgloss.Style) {
	switch {
	case !r.HasUser:
		return "signed out", s.Badge
	case !r.Session.SignedIn:
		return "signed out", s.BadgeBad
	}
	switch r.StalenessState(now) {
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

// Sentence spells the state out. It never says that something is fresh: only that nothing newer is known.
func Sentence(r *state.State, now time.Time) string {
	if r.HasUser && !r.Session.SignedIn {
		return "by the service: sign in again"
	}
	switch r.StalenessState(now) {
	case model.Unknown:
		return "service unreachable since " + r.FormatTime(r.Staleness.UnreachableSince)
	case model.Due:
		return "refreshes on the next call"
	case model.Stale:
		return "since " + r.FormatTime(r.Staleness.StaleSince)
	default:
		return "nothing newer known"
	}
}

// Timer is the one time that matters in a state, short enough for the header.
func Timer(r *state.State, now time.Time) string {
	if !r.HasUser || r.Staleness.ExpiresAt.IsZero() {
		return ""
	}
	switch r.StalenessState(now) {
	case model.Unknown:
		return "for " + Span(now.Sub(r.Staleness.UnreachableSince))
	case model.Due:
		return "for " + Span(-r.Staleness.Remaining(now))
	default:
		return Span(r.Staleness.Remaining(now)) + " left"
	}
}

// Span writes a time as mm:ss, with hours and days where there are any.
func Span(d time.Duration) string {
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
