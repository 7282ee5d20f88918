package currentuser

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/state"
)

// reopenDelay is the wait before a change stream that ended is opened again.
const reopenDelay = 5 * time.Second

// eventDelay is the time from a tick to one that takes a change event: a burst of events costs one frame.
const eventDelay = time.Second

// eventBuffer holds the newest change event until the next tick: a burst of events costs one frame. An event carries
// the whole document, so older ones are not needed. It is safe for concurrent use.
type eventBuffer struct {
	wake  func() // called for the first event after take
	mu    sync.Mutex
	event *model.ChangeEvent
}

func (b *eventBuffer) put(e model.ChangeEvent) {
	b.mu.Lock()
	first := b.event == nil
	b.event = &e
	b.mu.Unlock()
	if first {
		b.wake()
	}
}

func (b *eventBuffer) holdsEvent() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.event != nil
}

func (b *eventBuffer) take() (model.ChangeEvent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.event == nil {
		return model.ChangeEvent{}, false
	}
	e := *b.event
	b.event = nil
	return e, true
}

// streamEnded reports the end of a change stream.
type streamEnded struct {
	stream *eventBuffer
	err    error
}

// watch opens the change stream, unless it is open, the deployment has none, or opening it would refresh the token.
func (m *Machine) watch() {
	u := m.user
	if u.stream != nil || u.noChangeStreams || m.expired() {
		return
	}
	b := &eventBuffer{wake: m.cfg.Wake}
	u.stream, u.reopenStreamAt = b, time.Time{}
	ctx, cancel := context.WithCancel(u.ctx)
	u.cancelStream = cancel
	watched := u.User
	m.run(func() tea.Msg { return streamEnded{b, watched.Watch(ctx, b.put)} })
	m.change(func(s *state.State) { s.Watching = true })
}

// endStream closes the change stream if it is open.
func (u *current) endStream() {
	if u.stream != nil {
		u.cancelStream()
		u.stream = nil
	}
}

// takeEvent handles the newest event since the last tick. It counts as a check of the database.
func (m *Machine) takeEvent() {
	if m.user.stream == nil {
		return
	}
	e, ok := m.user.stream.take()
	switch {
	case !ok:
	case e.Operation == model.StreamInterrupted: // perhaps the service is unreachable; a ping uses no token
		m.change(func(s *state.State) { s.Watching = false })
		m.ping()
	case e.Operation == model.StreamResumed:
		m.change(func(s *state.State) { s.Watching = true })
	case e.At.IsZero(): // the event carries no document, or another one than that of the snapshot
		if !m.expired() {
			m.check()
		}
	default:
		m.documentChanged(e)
	}
}

// documentChanged takes the document of a change event; nil means that it was deleted. It ignores an event that was
// compared with an older snapshot, because a check follows each refresh, and an event that is older than the last
// check.
func (m *Machine) documentChanged(e model.ChangeEvent) {
	u, doc := m.user, e.Document
	last := m.state.LastCheck
	if e.Refreshes != u.Session().Refreshes || last != nil && u.checked == e.Refreshes && e.At.Before(last.CheckedAt) {
		m.change(func(s *state.State) { s.Watching = true })
		return
	}
	var changes []model.Change // since the last check
	if last != nil {
		changes = model.Diff(last.Document, doc)
	} else {
		changes = model.DiffSnapshot(u.Session().Snapshot.CustomData, doc)
	}
	u.checked = e.Refreshes
	m.change(func(s *state.State) {
		result := model.CheckResult{Document: doc, CheckedAt: e.At, Refreshes: e.Refreshes}
		if s.LastCheck != nil {
			result.Duplicates, result.UserIDIsObjectID = s.LastCheck.Duplicates, s.LastCheck.UserIDIsObjectID
		}
		s.LastCheck, s.Watching = &result, true
	})
	if len(changes) > 0 && len(m.state.Outdated) > 0 && !u.refresh.Busy() {
		m.notify(Notice{Text: state.Public("the database changed"), Entry: Warn, Changes: changes})
	}
}

// apply handles the end of the stream. Where change streams are not supported, none is opened again.
func (e streamEnded) apply(m *Machine) {
	u := m.user
	if u == nil || u.stream != e.stream || u.ctx.Err() != nil {
		return
	}
	u.endStream()
	m.change(func(s *state.State) { s.Watching = false })
	switch fault := model.AsFault(opWatch, e.err); {
	case fault == nil:
		u.reopenStreamAt = m.now.Add(reopenDelay)
	case fault.Kind == model.Unreachable:
		m.reachability(fault)
	case fault.Kind == model.SignedOut:
		m.pending.SessionEnded = true
	default:
		u.noChangeStreams = true
		m.change(func(s *state.State) { s.NoChangeStreams = true })
	}
}
