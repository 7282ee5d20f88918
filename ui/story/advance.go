package story

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// Advance takes the screen and the time, and returns what the story does now.
func (n *Narrator) Advance(s Scene) (e Effects) {
	n.next = time.Time{}
	if !s.State.HasUser || s.State.Opening {
		return e
	}
	if n.account != s.State.Account.ID {
		n.background.waits = n.background.waits || n.account != ""
		n.account = s.State.Account.ID
	}
	if s.Busy {
		n.seen.busyAt = s.Now
	}
	if s.Dialog != n.seen.dialog {
		n.seen.dialog, n.seen.switchedAt = s.Dialog, s.Now
	}
	if n.background.waits {
		return n.inBackground(s)
	}
	for range steps {
		if !n.advanceStep(s, &e) {
			break
		}
	}
	return e
}

// advanceStep takes the current step as far as it goes; true: the next one is the current one now.
func (n *Narrator) advanceStep(s Scene, e *Effects) bool {
	st := n.step()
	if !n.progress.begun {
		if settled := n.seen.busyAt.Add(openingTime); !st.dialog && (s.Busy || s.Now.Before(settled)) {
			n.wakeAt(settled)
			return false
		}
		if st.needs != nil && !st.needs(n, s) {
			opened := n.seen.pressedAt.Add(openingTime)
			if n.seen.switchedAt.After(n.seen.pressedAt) {
				opened = n.seen.switchedAt.Add(openingTime)
			}
			if st.dialog && s.Now.Before(opened) {
				n.wakeAt(opened)
				return false
			}
			n.proceed()
			return true
		}
		n.progress.begun, n.progress.since = true, s.Now
	}
	n.perform(st, s, e)
	if n.progress.shownAt.IsZero() && !n.show(st, s, e) {
		if ended := st.until != nil && st.until(n, s); ended || s.Now.Sub(n.progress.since) >= st.delay+requiresWait {
			n.proceed()
			return true
		}
		n.wakeAt(n.progress.since.Add(st.delay + requiresWait))
		return false
	}
	if n.over(st, s) {
		n.proceed()
		return true
	}
	return false
}

// perform carries out the step's effect when its time has come.
func (n *Narrator) perform(st *step, s Scene, e *Effects) {
	if st.do == call {
		if expired(n, s) && s.Now.Sub(n.calledAt) >= callAgain {
			n.calledAt = s.Now
			e.Call = true
			n.report(Event{Actor: App, Text: model.Show("calls the service")})
		}
		return
	}
	if st.do == nothing || n.progress.done {
		return
	}
	if due := n.progress.since.Add(st.delay); s.Now.Before(due) {
		n.wakeAt(due)
		return
	}
	n.progress.done, n.written = true, false
	r := n.about()
	if st.do == writeEdited {
		e.Write, n.values.theirs = n.write(s, r.edited, r.theirs)
		return
	}
	n.values.old, _ = n.field().Lookup(s.State.Session.Snapshot.CustomData)
	e.Write, n.values.new = n.write(s, r.field, r.values)
}

// write returns the write of the first value that the database does not have, as far as the screen knows.
func (n *Narrator) write(s Scene, field string, values []any) (bson.D, bson.RawValue) {
	doc := s.State.Session.Snapshot.CustomData
	if s.State.LastCheck != nil {
		doc = s.State.LastCheck.Document
	}
	stored, _ := model.Path{field}.Lookup(doc)
	chosen := values[0]
	for _, v := range values {
		if !model.Identical(model.ValueOf(v), stored) {
			chosen = v
			break
		}
	}
	raw := model.ValueOf(chosen)
	n.report(Event{Actor: App, Field: model.Path{field}, Text: model.Concat(model.Show("writes "+field+" = "),
		s.State.Value(model.Path{field}, raw), model.Show(" into the database"))})
	return bson.D{{Key: field, Value: raw}}, raw
}

// show shows the step's text if what it says holds.
func (n *Narrator) show(st *step, s Scene, e *Effects) bool {
	if st.do != nothing && st.do != call && !n.progress.done || st.requires != nil && !st.requires(n, s) {
		return false
	}
	n.line, n.progress.shownAt, n.shown[st.name] = st, s.Now, true
	switch st.cursor {
	case theField:
		e.Select = n.field()
	case theEdited:
		e.Select = n.edited()
	}
	before, key, after := n.Line(s.State)
	ev := Event{Actor: Screen, Text: model.Concat(before, key, after), Field: e.Select}
	if st.plays {
		ev.Press = key.String()
	}
	n.report(ev)
	return true
}

// over reports whether the step ends now, and plans the time at which it does.
func (n *Narrator) over(st *step, s Scene) bool {
	if st.until != nil && st.until(n, s) {
		return true
	}
	if st.until != nil || st.hold != nil {
		if at := s.State.Session.Snapshot.ExpiresAt; at.After(s.Now) {
			n.wakeAt(at)
		} else {
			n.wakeAt(n.calledAt.Add(callAgain))
		}
	}
	if st.stay == 0 {
		return false
	}
	if end := n.progress.shownAt.Add(st.stay); s.Now.Before(end) {
		n.wakeAt(end)
		return false
	}
	return (!s.Busy || st.dialog) && (st.hold == nil || !st.hold(n, s))
}

// wakeAt plans an Advance.
func (n *Narrator) wakeAt(at time.Time) {
	if n.next.IsZero() || at.Before(n.next) {
		n.next = at
	}
}

// inBackground goes on with the app's life while the narration waits: now and then a write, and a call when the token
// has expired.
func (n *Narrator) inBackground(s Scene) (e Effects) {
	if s.Now.Before(n.background.at) {
		n.wakeAt(n.background.at)
		return e
	}
	n.background.at = s.Now.Add(backgroundInterval)
	n.wakeAt(n.background.at)
	if expired(n, s) {
		e.Call = true
		return e
	}
	n.background.round++
	r := rounds[n.background.round%len(rounds)]
	e.Write, _ = n.write(s, r.field, r.values)
	return e
}
