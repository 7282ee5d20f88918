package ui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/activity"
	"dossier/ui/state"
)

// mailbox is where change events wait until the next tick: a burst of them costs one frame.
type mailbox struct {
	mu     sync.Mutex
	events []model.ChangeEvent
}

func (b *mailbox) put(e model.ChangeEvent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events[:0], e) // only the newest counts: it carries the whole document
}

func (b *mailbox) take() (model.ChangeEvent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.events) == 0 {
		return model.ChangeEvent{}, false
	}
	e := b.events[0]
	b.events = nil
	return e, true
}

// watched is the newest change event since the last tick.
type watched struct {
	box   *mailbox
	event model.ChangeEvent
}

// watchEnded says that no more events come.
type watchEnded struct {
	box *mailbox
	err error
}

// watch opens the change events, unless they are open, there are none, or opening them would renew the token.
func (m *Model) watch() tea.Cmd {
	w := m.who
	if w.mailbox != nil || w.deaf || m.expired() {
		return nil
	}
	box := &mailbox{}
	w.mailbox, w.watchAt = box, time.Time{}
	ctx, p := w.ctx, w.person
	run := func() tea.Msg { return watchEnded{box, p.Watch(ctx, box.put)} }
	return tea.Batch(run, m.know(func(r *state.State) { r.Watching = true }))
}

// collect fetches what has come since the last tick.
func (m *Model) collect() tea.Cmd {
	if m.who == nil || m.who.mailbox == nil {
		return nil
	}
	box := m.who.mailbox
	return func() tea.Msg {
		if e, ok := box.take(); ok {
			return watched{box, e}
		}
		return nil
	}
}

// watched takes a change event over: it is a look at the database that nobody had to ask for.
func (m *Model) watched(msg watched) tea.Cmd {
	w := m.who
	if w == nil || w.mailbox != msg.box {
		return nil
	}
	e := msg.event
	switch e.Operation {
	case model.StreamInterrupted: // is it the service? A ping uses no token
		return tea.Batch(m.know(func(r *state.State) { r.Watching = false }), m.reach())
	case model.StreamResumed:
		return m.know(func(r *state.State) { r.Watching = true })
	}
	if e.Document == nil && e.Operation != "delete" {
		if m.expired() {
			return nil
		}
		return m.look()
	}
	var changes []model.Change // since the database was last looked at
	switch {
	case m.state.LastCheck != nil:
		changes = model.Diff(m.state.LastCheck.Document, e.Document)
	default:
		changes = model.DiffSnapshot(w.person.Session().Snapshot.CustomData, e.Document)
	}
	w.read = w.renewals
	cmd := m.know(func(r *state.State) {
		reading := model.CheckResult{Document: e.Document, CheckedAt: m.now}
		if r.LastCheck != nil {
			reading.Duplicates, reading.UserIDIsObjectID = r.LastCheck.Duplicates, r.LastCheck.UserIDIsObjectID
		}
		r.LastCheck, r.Watching = &reading, true
	})
	if len(changes) > 0 && len(m.state.Outdated) > 0 && !w.refresh.Busy() {
		m.note(activity.Entry{Text: "the database changed", Tone: activity.Warn, Details: details(changes)})
	}
	return cmd
}

// rewatch is how long after a stream ended by itself it is opened again.
const rewatch = 5 * time.Second

// watchEnded notices that events have stopped: where there are none to be had they are not asked for again.
func (m *Model) watchEnded(msg watchEnded) tea.Cmd {
	w := m.who
	if w == nil || w.mailbox != msg.box || w.ctx.Err() != nil {
		return nil
	}
	w.mailbox = nil
	cmd := m.know(func(r *state.State) { r.Watching = false })
	switch fault := model.AsFault("watch the document", msg.err); {
	case fault == nil, context.Cause(w.ctx) != nil:
		w.watchAt = m.now.Add(rewatch)
	case fault.Kind == model.Unreachable:
		return tea.Batch(cmd, m.reachable(fault))
	case fault.Kind == model.SignedOut:
		return tea.Batch(cmd, m.signedOut())
	default:
		w.deaf = true
		return m.know(func(r *state.State) { r.Watching, r.NoChangeStreams = false, true })
	}
	return cmd
}
