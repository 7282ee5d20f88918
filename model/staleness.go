package model

import "time"

// State is what dossier knows about the age of a snapshot. It never says more than it can know.
type State string

// The four states, in order of precedence: the first that holds is shown.
const (
	Unknown State = "unknown" // the service cannot be reached
	Due     State = "due"     // the token has expired: it is renewed on the next call, not before
	Stale   State = "stale"   // the database was seen to differ
	Current State = "current" // nothing newer is known
)

// Staleness holds the moments a state is derived from. A zero time means "has not happened".
//
// Source: seed, Web SDK page, 'Custom Data May Be Stale': without a refresh the copy could be stale "for up to 30 minutes plus the
// time until the next SDK call to the backend occurs".
type Staleness struct {
	IssuedAt         time.Time // the token was minted, the snapshot taken
	ExpiresAt        time.Time
	CheckedAt        time.Time // the database was last looked at; zero: not since the token was minted
	StaleSince       time.Time // the database was first seen to differ
	UnreachableSince time.Time // the service stopped answering
}

// StateAt returns the state at a moment.
func (s Staleness) StateAt(now time.Time) State {
	switch {
	case !s.UnreachableSince.IsZero():
		return Unknown
	case !s.ExpiresAt.IsZero() && !now.Before(s.ExpiresAt):
		return Due
	case !s.StaleSince.IsZero():
		return Stale
	default:
		return Current
	}
}

// Age is how long ago the snapshot was taken; never negative, since clocks differ.
func (s Staleness) Age(now time.Time) time.Duration { return max(0, now.Sub(s.IssuedAt)) }

// Remaining is the time until the token expires; negative once it has.
func (s Staleness) Remaining(now time.Time) time.Duration { return s.ExpiresAt.Sub(now) }

// Elapsed is the part of the token's life that has passed, from 0 to 1.
func (s Staleness) Elapsed(now time.Time) float64 {
	life := s.ExpiresAt.Sub(s.IssuedAt)
	if life <= 0 {
		return 1
	}
	return min(1, max(0, float64(now.Sub(s.IssuedAt))/float64(life)))
}
