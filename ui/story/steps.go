package story

import (
	"time"

	"dossier/model"
	"dossier/ui/keys"
)

// round is what the steps are about once. Every value is of the field's BSON type.
type round struct {
	field  string // changed by the app
	values []any  // written to it: the first one that the database does not have
	edited string // changed by the user, and meanwhile by the app
	theirs []any  // written by the app to edited
	typed  string // what a script types as the user
}

// rounds follow each other in this order, and then again.
var rounds = []round{
	{"favoriteColor", []any{"teal", "amber"}, "plan", []any{"plus", "free"}, "studio"},
	{"plan", []any{"family", "plus"}, "displayName", []any{"Dana M.", "Dana Moreau"}, "Dana Moreau-Petit"},
	{"loyaltyPoints", []any{int64(48_500), int64(49_100), int64(50_000)}, "favoriteColor", []any{"indigo", "coral"},
		"mint"},
}

// effect is what the simulated app does in a step.
type effect int

const (
	nothing     effect = iota
	writeField         // writes the round's field into the database
	writeEdited        // writes the field that the user edits
	call               // calls the service if the token has expired
)

// target is the field that the cursor moves to.
type target int

const (
	noField target = iota
	theField
	theEdited
)

// step is one line of narration and what happens with it. The step after it begins when its key is pressed, until holds
// or stay has passed.
type step struct {
	name string
	// text may contain {field}, {edited}, {old}, {new}, {theirs} and {key}.
	text   string
	key    keys.Action
	stay   time.Duration // counted from the time the text is shown; 0: until decides
	do     effect
	delay  time.Duration // before the effect
	cursor target
	dialog bool // for an open dialog or a text that is typed; all other steps wait for its end

	needs    condition // the step is left out unless it holds; nil: never left out
	requires condition // what the text says: the text is shown once it holds; nil: at once
	until    condition // nil: stay and the key decide
	hold     condition // keeps the step although stay has passed; nil: nothing does
	plays    bool      // a script presses the key as the user
}

// answers are the keys that a script presses in a dialog or an input; {typed} is the round's text.
var answers = map[keys.Scope][]string{
	keys.Compare:  {"esc"},
	keys.Field:    {"ctrl+u", "{typed}", "enter"},
	keys.Review:   {"enter"},
	keys.Conflict: {"y", "enter"},
}

// condition is something that the story sees of the screen.
type condition func(*Narrator, Scene) bool

// steps is the story.
var steps = []step{
	{name: "start", text: "{field} and {edited} are the app's copy, taken when its token was issued",
		stay: 3 * time.Second,
		do:   call, hold: not(fresh)},
	{name: "change", text: "the database now says {new}; the app still shows {old}: press {key}", key: keys.CompareTokens,
		stay: 12 * time.Second, do: writeField, cursor: theField, requires: outdated, plays: true},
	{name: "compare", text: "the app's copy beside the database, field by field: {key} closes", key: keys.Cancel,
		dialog: true,
		needs:  busy, until: not(busy)},
	{name: "due", text: "the app shows {old} until its copy expires and it makes a call: {key} renews it now",
		key: keys.Refresh, cursor: theField, needs: both(outdated, not(expired)), until: either(expired, not(outdated))},
	{name: "expired", text: "the copy has expired; the app shows {old} until its next call", stay: 3 * time.Second,
		needs: both(outdated, expired)},
	{name: "call", text: "the app made a call, which renewed its copy: it shows {new} now", stay: 9 * time.Second,
		do:     call,
		cursor: theField, needs: expired, requires: both(not(expired), not(outdated))},
	{name: "renewed", text: "the copy was renewed: the app shows {new} now", stay: 6 * time.Second, cursor: theField,
		needs: both(shownBefore("change"), not(shownBefore("call"))), requires: not(outdated)},
	{name: "edit", text: "now you: {key} edits {edited}", key: keys.EditField, stay: 12 * time.Second, cursor: theEdited,
		plays: true},
	{name: "typing", text: "type a value: {key} keeps it as a draft, nothing is sent yet", key: keys.Accept,
		stay:   2 * time.Second,
		dialog: true, needs: busy, until: not(busy)},
	{name: "conflict", text: "meanwhile the app wrote {theirs}: go on, nothing is overwritten unseen", do: writeEdited,
		dialog: true, needs: busy, requires: written, until: not(busy)},
	{name: "draft", text: "only the draft has changed: {key} shows exactly what a save would do", key: keys.ReviewDraft,
		stay:  15 * time.Second,
		needs: drafted, plays: true},
	{name: "review", text: "the review shows old, new and the guards: {key} saves, if nothing changed meanwhile",
		key:    keys.Save,
		dialog: true, needs: inDialog(keys.Review), until: not(inDialog(keys.Review))},
	{name: "theirs", text: "both changed {edited}, so nothing was written: choose yours, theirs or a third value",
		dialog: true,
		needs:  inDialog(keys.Conflict), until: not(inDialog(keys.Conflict))},
	{name: "chosen", text: "the review of what you chose: {key} saves it", key: keys.Save, dialog: true,
		needs: both(shownBefore("theirs"), inDialog(keys.Review)), until: not(busy)},
	{name: "end", text: "that is the story of one field: {key} lists all keys", key: keys.ShowHelp,
		stay: 8 * time.Second},
}

// inDialog holds while a dialog with this scope has the keys.
func inDialog(scope keys.Scope) condition {
	return func(_ *Narrator, s Scene) bool { return s.Dialog == scope }
}

func busy(_ *Narrator, s Scene) bool { return s.Busy }

// outdated holds while the app's copy of the round's field differs from the database.
func outdated(n *Narrator, s Scene) bool {
	_, found := s.State.OutdatedField(n.field())
	return found
}

// expired holds from the end of the token until a call renews it.
func expired(_ *Narrator, s Scene) bool {
	at := s.State.Session.Snapshot.ExpiresAt
	return !at.IsZero() && !s.Now.Before(at)
}

// fresh holds while enough of the token's life is left for the steps before its end.
func fresh(_ *Narrator, s Scene) bool {
	return s.State.Session.Snapshot.ExpiresAt.Sub(s.Now) >= freshLife
}

// drafted holds while unsaved edits are kept.
func drafted(_ *Narrator, s Scene) bool { return s.State.Draft != nil }

// written holds after the app's last write.
func written(n *Narrator, _ Scene) bool { return n.written }

// shownBefore holds when the text of a step of this round was shown.
func shownBefore(name string) condition {
	return func(n *Narrator, _ Scene) bool { return n.shown[name] }
}

func not(c condition) condition {
	return func(n *Narrator, s Scene) bool { return !c(n, s) }
}

func both(a, b condition) condition {
	return func(n *Narrator, s Scene) bool { return a(n, s) && b(n, s) }
}

func either(a, b condition) condition {
	return func(n *Narrator, s Scene) bool { return a(n, s) || b(n, s) }
}

func (n *Narrator) field() model.Path  { return model.Path{n.about().field} }
func (n *Narrator) edited() model.Path { return model.Path{n.about().edited} }
