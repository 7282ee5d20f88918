// Package story shows the demo's story: steps in which a simulated app changes the user's data, each with a line of
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
	freshLife          = 18 * time.Second // of the token, at the start of a round
	requiresWait       = 5 * time.Second  // for what a text says; after it the step is left out
	callAgain          = 2 * time.Second  // between two calls of the app while the token is expired
	backgroundInterval = 25 * time.Second // between two writes of the app while the story waits
	openingTime        = time.Second / 2  // from the key until its dialog is open, and from its end until its effects are
	valueWidth         = 24               // cells of a value in the narration
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

// Narrator shows the story. Create it with New. Its methods are for the event loop only.
type Narrator struct {
	keys    keys.Map
	report  func(Event)
	account string

	round    int
	progress progress
	shown    map[string]bool // the steps of this round whose text was shown
	line     *step           // whose text is shown; nil: none
	values   values
	written  bool // the service carried out the last write
	seen     seen
	calledAt time.Time // the last call of the app

	background background
	next       time.Time
}

// progress is how far the current step is.
type progress struct {
	step    int
	begun   bool // at since
	since   time.Time
	shownAt time.Time // when its text was shown; zero: not yet
	done    bool      // its effect
}

// values are what the text of a round names.
type values struct{ old, new, theirs bson.RawValue }

// seen is what the user did last.
type seen struct {
	pressedAt, busyAt time.Time // the last key of the narration, the last time that the user was busy
	dialog            keys.Scope
	switchedAt        time.Time // when the dialog became another one
}

// background is what the app does while the narration waits, because the user took over.
type background struct {
	waits bool
	at    time.Time // of the next write
	round int       // of the next write
}

// New returns a story at its beginning. report is called with what happens; nil: it is not reported.
func New(k keys.Map, report func(Event)) *Narrator {
	if report == nil {
		report = func(Event) {}
	}
	return &Narrator{keys: k, report: report, shown: map[string]bool{}}
}

func (n *Narrator) about() round { return rounds[n.round%len(rounds)] }

// Next returns when Advance has something to do, if nothing happens before.
func (n *Narrator) Next() time.Time { return n.next }

// Pressed takes an action that the user chose in a pane; "" is a click or a key without one. The action that the
// narration names begins the next step; any other one stops the narration, and keys.Story continues it. Opening the
// palette has no effect: what is chosen in it has.
func (n *Narrator) Pressed(a keys.Action, now time.Time) {
	switch {
	case a == keys.Story:
		n.toggle(now)
	case n.background.waits, n.line == nil, a == keys.OpenPalette:
	case a != "" && a == n.line.key && n.line == n.step():
		n.proceed()
		n.seen.pressedAt = now
	default:
		n.background.wait(now.Add(backgroundInterval))
	}
}

// toggle stops the narration, or goes on with the next round.
func (n *Narrator) toggle(now time.Time) {
	if n.background.waits {
		n.background.waits = false
		n.startRound()
		return
	}
	n.background.wait(now.Add(backgroundInterval))
}

// Written takes the end of a write of the app; after an error the story waits.
func (n *Narrator) Written(err error, now time.Time) {
	n.written = err == nil
	if err != nil {
		n.background.wait(now.Add(time.Hour))
	}
}

// Answer returns the keys that a script presses in a dialog or an input with this scope: names such as "enter" and
// "ctrl+u", and a text to type as "text studio".
func (n *Narrator) Answer(scope keys.Scope) []string {
	var pressed []string
	for _, k := range answers[scope] {
		pressed = append(pressed, strings.ReplaceAll(k, "{typed}", "text "+n.about().typed))
	}
	return pressed
}

func (n *Narrator) step() *step { return &steps[n.progress.step] }

// proceed begins the next step with the next Advance.
func (n *Narrator) proceed() {
	n.progress = progress{step: n.progress.step + 1}
	if n.progress.step == len(steps) {
		n.startRound()
	}
}

// wait stops the narration; the app writes next at a time.
func (b *background) wait(at time.Time) { b.waits, b.at = true, at }

func (n *Narrator) startRound() {
	if len(n.shown) > 0 {
		n.round++
		n.report(Event{Actor: End})
	}
	n.progress, n.values, n.shown, n.line = progress{}, values{}, map[string]bool{}, nil
}
