// Package story tells the demo's story: steps in which a simulated app changes the user's data, each with a line of
// narration. It is a state machine without a clock: the root hands it what is on the screen, and carries out its
// effects.
//
// May import: model, ui/keys, ui/state.
package story

import (
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/state"
)

const (
	freshLife   = 18 * time.Second // of the token, at the start of a round
	claimWait   = 5 * time.Second  // for what a text says; after it the step is left out
	callAgain   = 2 * time.Second  // between two calls of the app while the token is expired
	quietChange = 25 * time.Second // between two deeds of the app while the story waits
	openingTime = time.Second / 2  // from the key until its dialog is open, and from its end until its effects are
	valueWidth  = 24               // cells of a value in the narration
)

// Scene is what the story sees of the screen.
type Scene struct {
	Now    time.Time
	State  *state.State
	Busy   bool       // a dialog is open or a text is typed
	Dialog keys.Scope // of the dialog; "": none is open
}

// Effects is what the story does. The zero value is nothing.
type Effects struct {
	Write  bson.D     // top-level fields that the simulated app writes into the database; nil: none
	Call   bool       // the app calls the service, which renews an expired token
	Select model.Path // moves the cursor to a field; nil: it stays
}

// The actors of events. End is not one: the round is over.
const (
	App    = "app"
	Screen = "screen"
	End    = "end"
)

// Event is something that happened in the story, for a script.
type Event struct {
	Actor string
	Text  model.Visible
	Field model.Path // whose row shows it; nil: none
	Press string     // the key that a script presses now; "": none
}

// Teller tells the story. Create it with New. Its methods are for the event loop only.
type Teller struct {
	keys    keys.Map
	report  func(Event)
	account string

	round int
	at    int  // the step
	begun bool // the step has begun, at since
	since time.Time
	shown time.Time // when its text was shown; zero: not yet
	acted bool      // its deed is done
	told  map[string]bool

	line               *step // whose text is shown; nil: none
	old, value, theirs bson.RawValue
	written            bool // the service carried out the last write
	calledAt           time.Time
	pressedAt, busyAt  time.Time // the last key of the narration, the last time that the user was busy
	dialog             keys.Scope
	switchedAt         time.Time // when the dialog became another one
	waits              bool      // the user took over
	quietAt            time.Time
	quietRound         int // of the next write meanwhile
	next               time.Time
}

// New returns a story at its beginning. report is called with what happens; nil: it is not reported.
func New(k keys.Map, report func(Event)) *Teller {
	if report == nil {
		report = func(Event) {}
	}
	return &Teller{keys: k, report: report, told: map[string]bool{}}
}

func (t *Teller) about() round { return rounds[t.round%len(rounds)] }

// Next returns when Advance has something to do, if nothing happens before.
func (t *Teller) Next() time.Time { return t.next }

// Pressed takes an action that the user chose in a pane; "" is a click or a key without one. The action that the
// narration names begins the next step; any other one stops the narration, and keys.Story continues it. Opening the
// palette has no effect: what is chosen in it has.
func (t *Teller) Pressed(a keys.Action, now time.Time) {
	switch {
	case a == keys.Story:
		t.toggle(now)
	case t.waits, t.line == nil, a == keys.OpenPalette:
	case a != "" && a == t.line.key && t.line == t.step():
		t.proceed()
		t.pressedAt = now
	default:
		t.waits, t.quietAt = true, now.Add(quietChange)
	}
}

// toggle stops the narration, or goes on with the next round.
func (t *Teller) toggle(now time.Time) {
	t.waits, t.quietAt = !t.waits, now.Add(quietChange)
	if !t.waits {
		t.startRound()
	}
}

// Written takes the end of a write of the app; after an error the story waits.
func (t *Teller) Written(err error, now time.Time) {
	t.written = err == nil
	if err != nil {
		t.waits, t.quietAt = true, now.Add(time.Hour)
	}
}

// Answer returns the keys that a script presses in a dialog or an input with this scope: names such as "enter" and
// "ctrl+u", and a text to type as "text studio".
func (t *Teller) Answer(scope keys.Scope) []string {
	var pressed []string
	for _, k := range answers[scope] {
		pressed = append(pressed, strings.ReplaceAll(k, "{typed}", "text "+t.about().typed))
	}
	return pressed
}

func (t *Teller) step() *step { return &steps[t.at] }

// proceed begins the next step with the next Advance.
func (t *Teller) proceed() {
	t.at, t.begun, t.acted, t.shown = t.at+1, false, false, time.Time{}
	if t.at == len(steps) {
		t.startRound()
	}
}

func (t *Teller) startRound() {
	if len(t.told) > 0 {
		t.round++
		t.report(Event{Actor: End})
	}
	t.at, t.begun, t.acted, t.shown, t.told = 0, false, false, time.Time{}, map[string]bool{}
	t.line = nil
	t.old, t.value, t.theirs = bson.RawValue{}, bson.RawValue{}, bson.RawValue{}
}

// Advance takes the screen and the time, and returns what the story does now.
func (t *Teller) Advance(s Scene) (e Effects) {
	t.next = time.Time{}
	if !s.State.HasUser || s.State.Opening {
		return e
	}
	if t.account != s.State.Account.ID {
		t.waits = t.waits || t.account != ""
		t.account = s.State.Account.ID
	}
	if s.Busy {
		t.busyAt = s.Now
	}
	if s.Dialog != t.dialog {
		t.dialog, t.switchedAt = s.Dialog, s.Now
	}
	if t.waits {
		return t.quiet(s)
	}
	for range steps {
		if !t.advanceStep(s, &e) {
			break
		}
	}
	return e
}

// advanceStep takes the current step as far as it goes; true: the next one is the current one now.
func (t *Teller) advanceStep(s Scene, e *Effects) bool {
	st := t.step()
	if !t.begun {
		if settled := t.busyAt.Add(openingTime); !st.dialog && (s.Busy || s.Now.Before(settled)) {
			t.wakeAt(settled)
			return false
		}
		if st.needs != nil && !st.needs(t, s) {
			opened := t.pressedAt.Add(openingTime)
			if t.switchedAt.After(t.pressedAt) {
				opened = t.switchedAt.Add(openingTime)
			}
			if st.dialog && s.Now.Before(opened) {
				t.wakeAt(opened)
				return false
			}
			t.proceed()
			return true
		}
		t.begun, t.since = true, s.Now
	}
	t.act(st, s, e)
	if t.shown.IsZero() && !t.tell(st, s, e) {
		if ended := st.until != nil && st.until(t, s); ended || s.Now.Sub(t.since) >= st.delay+claimWait {
			t.proceed()
			return true
		}
		t.wakeAt(t.since.Add(st.delay + claimWait))
		return false
	}
	if t.over(st, s) {
		t.proceed()
		return true
	}
	return false
}

// act carries out the step's deed when its time has come.
func (t *Teller) act(st *step, s Scene, e *Effects) {
	if st.do == call {
		if expired(t, s) && s.Now.Sub(t.calledAt) >= callAgain {
			t.calledAt = s.Now
			e.Call = true
			t.report(Event{Actor: App, Text: model.Show("calls the service")})
		}
		return
	}
	if st.do == nothing || t.acted {
		return
	}
	if due := t.since.Add(st.delay); s.Now.Before(due) {
		t.wakeAt(due)
		return
	}
	t.acted, t.written = true, false
	r := t.about()
	if st.do == writeEdited {
		e.Write, t.theirs = t.write(s, r.edited, r.theirs)
		return
	}
	t.old, _ = t.field().Lookup(s.State.Session.Snapshot.CustomData)
	e.Write, t.value = t.write(s, r.field, r.values)
}

// write returns the write of the first value that the database does not have, as far as the screen knows.
func (t *Teller) write(s Scene, field string, values []any) (bson.D, bson.RawValue) {
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
	t.report(Event{Actor: App, Field: model.Path{field}, Text: model.Concat(model.Show("writes "+field+" = "),
		s.State.Value(model.Path{field}, raw), model.Show(" into the database"))})
	return bson.D{{Key: field, Value: raw}}, raw
}

// tell shows the step's text if what it says holds.
func (t *Teller) tell(st *step, s Scene, e *Effects) bool {
	if st.do != nothing && st.do != call && !t.acted || st.claim != nil && !st.claim(t, s) {
		return false
	}
	t.line, t.shown, t.told[st.name] = st, s.Now, true
	switch st.cursor {
	case theField:
		e.Select = t.field()
	case theEdited:
		e.Select = t.edited()
	}
	before, key, after := t.Line(s.State)
	ev := Event{Actor: Screen, Text: model.Concat(before, key, after), Field: e.Select}
	if st.plays {
		ev.Press = key.String()
	}
	t.report(ev)
	return true
}

// over reports whether the step ends now, and plans the time at which it does.
func (t *Teller) over(st *step, s Scene) bool {
	if st.until != nil && st.until(t, s) {
		return true
	}
	if st.until != nil || st.hold != nil {
		if at := s.State.Session.Snapshot.ExpiresAt; at.After(s.Now) {
			t.wakeAt(at)
		} else {
			t.wakeAt(t.calledAt.Add(callAgain))
		}
	}
	if st.stay == 0 {
		return false
	}
	if end := t.shown.Add(st.stay); s.Now.Before(end) {
		t.wakeAt(end)
		return false
	}
	return (!s.Busy || st.dialog) && (st.hold == nil || !st.hold(t, s))
}

// wakeAt plans an Advance.
func (t *Teller) wakeAt(at time.Time) {
	if t.next.IsZero() || at.Before(t.next) {
		t.next = at
	}
}

// quiet goes on with the app's life while the narration waits: now and then a write, and a call when the token has
// expired.
func (t *Teller) quiet(s Scene) (e Effects) {
	if s.Now.Before(t.quietAt) {
		t.wakeAt(t.quietAt)
		return e
	}
	t.quietAt = s.Now.Add(quietChange)
	t.wakeAt(t.quietAt)
	if expired(t, s) {
		e.Call = true
		return e
	}
	t.quietRound++
	r := rounds[t.quietRound%len(rounds)]
	e.Write, _ = t.write(s, r.field, r.values)
	return e
}

// Line returns the narration as three parts; the second one is the key to press, which may be empty. Values are masked
// while personal data is.
func (t *Teller) Line(s *state.State) (before, key, after model.Visible) {
	text, named := "", keys.Action("")
	switch {
	case t.waits:
		text, named = "the story waits, the app goes on: {key} continues the story", keys.Story
	case t.line != nil:
		text, named = t.line.text, t.line.key
	}
	head, tail, found := strings.Cut(text, "{key}")
	if found {
		key = model.Show(t.keyOf(named))
	}
	return t.fill(head, s), key, t.fill(tail, s)
}

// fill replaces the names in a text by fields and values.
func (t *Teller) fill(text string, s *state.State) model.Visible {
	var parts []model.Visible
	for text != "" {
		plain, rest, found := strings.Cut(text, "{")
		parts = append(parts, model.Show(plain))
		if !found {
			break
		}
		name, tail, _ := strings.Cut(rest, "}")
		text = tail
		switch name {
		case "field":
			parts = append(parts, model.Show(t.about().field))
		case "edited":
			parts = append(parts, model.Show(t.about().edited))
		case "old":
			parts = append(parts, t.shownValue(s, t.field(), t.old))
		case "new":
			parts = append(parts, t.shownValue(s, t.field(), t.value))
		case "theirs":
			parts = append(parts, t.shownValue(s, t.edited(), t.theirs))
		}
	}
	return model.Concat(parts...)
}

func (t *Teller) shownValue(s *state.State, p model.Path, v bson.RawValue) model.Visible {
	if v.IsZero() {
		return model.Show("no value")
	}
	return s.Value(p, v).Clip(valueWidth)
}

// keyOf returns the name of the key that an action is bound to.
func (t *Teller) keyOf(a keys.Action) string {
	for _, scope := range []keys.Scope{keys.Document, keys.Everywhere, keys.Review, keys.Dialog} {
		for _, e := range t.keys {
			if e.Action == a && e.Scope == scope && (scope != keys.Document || a != keys.Cancel) {
				return e.Binding.Help().Key
			}
		}
	}
	return ""
}
