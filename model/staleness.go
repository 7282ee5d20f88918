package model

import "time"

// State describes how far a snapshot can be trusted. It never claims more than dossier has observed.
type State string

// The states, in order of precedence: the first that applies is the state.
const (
	Unknown   State = "unknown"   // the service does not answer
	Due       State = "due"       // the token has expired; the next call refreshes it, nothing else does
	Stale     State = "stale"     // the database differs from the snapshot
	Unchecked State = "unchecked" // the snapshot was not compared with the database
	Current   State = "current"   // the last check found no difference
)

// Staleness holds the times that a State is derived from. A zero time means "has not happened".
//
// Source: seed, Web SDK page, 'Custom Data May Be Stale': without a refresh the copy could be stale "for up to 30
// minutes plus the time until the next SDK call to the backend occurs".
type Staleness struct {
	IssuedAt         time.Time // the token was issued with the snapshot
	ExpiresAt        time.Time
	CheckedAt        time.Time // last check; zero: none since the token was issued
	StaleSince       time.Time // when dossier noticed a difference; later checks do not move it
	ChangedAt        time.Time // when the database changed; zero: unknown
	UnreachableSince time.Time // the service stopped answering
}

// StateAt returns the state at a time.
func (s Staleness) StateAt(now time.Time) State {
	switch {
	case !s.UnreachableSince.IsZero():
		return Unknown
	case !s.ExpiresAt.IsZero() && !now.Before(s.ExpiresAt):
		return Due
	case !s.StaleSince.IsZero():
		return Stale
	case s.CheckedAt.IsZero():
		return Unchecked
	default:
		return Current
	}
}

// Age returns the age of the snapshot; never negative, although the clocks of two machines differ.
func (s Staleness) Age(now time.Time) time.Duration { return max(0, now.Sub(s.IssuedAt)) }

// Remaining returns the time until the token expires; negative once it has.
func (s Staleness) Remaining(now time.Time) time.Duration { return s.ExpiresAt.Sub(now) }

// Elapsed returns the elapsed fraction of the token's lifetime, from 0 to 1.
func (s Staleness) Elapsed(now time.Time) float64 {
	life := s.ExpiresAt.Sub(s.IssuedAt)
	if life <= 0 {
		return 1
	}
	return min(1, max(0, float64(now.Sub(s.IssuedAt))/float64(life)))
}
