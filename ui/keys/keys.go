// Package keys is the one table of actions: name, scope, binding. Dispatch, the foot line, help, the palette and the README's key table read it.
//
// May import: nothing of ours.
package keys

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Action names one thing a person can ask for.
type Action string

// Scope is where an action may be asked for; a router holds them innermost first.
type Scope string

// The scopes.
const (
	Everywhere     Scope = "everywhere"
	Account        Scope = "account"
	Identities     Scope = "identities"
	Document       Scope = "custom data"
	Session        Scope = "session"
	Activity       Scope = "activity"
	Dialog         Scope = "dialog" // any overlay: Accept, Cancel and moving
	Field          Scope = "field"  // editing one field
	Review         Scope = "review"
	Conflict       Scope = "conflict"
	DocumentEditor Scope = "whole document"
	Compare        Scope = "compare"
	Accounts       Scope = "accounts"
	Themes         Scope = "themes"
	Help           Scope = "help"
	FindInDocument Scope = "finding"           // a find in the custom data is typed
	FindInHelp     Scope = "searching help"    // a find in the help is typed
	CommandPalette Scope = "command palette"   // the palette is open
	ValueViewer    Scope = "viewing"           // a value in full
	LongText       Scope = "long text"         // a field of several lines
	BoolInput      Scope = "true or false"     // a field that is chosen, not typed
	ConstantInput  Scope = "nothing to type"   // a field whose type is its whole value
	SaveFailed     Scope = "not saved"         // the review of a save that failed
	KindPicker     Scope = "types"             // the chooser of a field's type
	Loading        Scope = "reading"           // the editor waits for the document, or says why it cannot be had
	DraftPrompt    Scope = "kept change"       // an unsaved change from before is offered
	DiscardPrompt  Scope = "leaving"           // Esc was pressed where something unsaved stands
	SignInForm     Scope = "signing in"        // the sign-in, register and link dialogs
	FunctionPicker Scope = "functions"         // choosing a function
	Arguments      Scope = "arguments"         // typing a function's arguments
	FunctionResult Scope = "function's answer" // reading what a function returned
)

// The actions.
const (
	Quit          Action = "quit"
	ShowHelp      Action = "help"
	OpenPalette   Action = "command palette"
	NextPane      Action = "next pane"
	PreviousPane  Action = "previous pane"
	Refresh       Action = "refresh"
	CompareTokens Action = "compare"
	OpenAccounts  Action = "accounts"
	OpenThemes    Action = "themes"
	Mask          Action = "mask"
	EditField     Action = "edit"
	AddField      Action = "add"
	RemoveField   Action = "remove"
	EditDocument  Action = "edit document"
	EmptyOrDelete Action = "empty or delete"
	Undo          Action = "undo"
	CallFunction  Action = "functions"
	CopyValue     Action = "copy value"
	CopyPath      Action = "copy path"
	ViewValue     Action = "view value"
	Find          Action = "find"
	FindNext      Action = "next match"
	FindPrevious  Action = "previous match"
	Up            Action = "up"
	Down          Action = "down"
	PageUp        Action = "page up"
	PageDown      Action = "page down"
	Top           Action = "top"
	Bottom        Action = "bottom"
	Toggle        Action = "fold or open"
	Fold          Action = "fold"
	Unfold        Action = "open"
	FoldAll       Action = "fold all"
	UnfoldAll     Action = "open all"
	Accept        Action = "accept"
	ChooseTrue    Action = "true"
	ChooseFalse   Action = "false"
	Cancel        Action = "cancel"
	Save          Action = "save"
	TakeYours     Action = "take yours"
	TakeTheirs    Action = "take theirs"
	ChangeType    Action = "change type"
	SignIn        Action = "sign in"
	SignOut       Action = "sign out"
	LinkIdentity  Action = "link identity"
	NextField     Action = "next field"
	PreviousField Action = "previous field"
	Discard       Action = "drop"
	Retry         Action = "try again"
	Register      Action = "create an account"
	OtherProvider Action = "other provider"
)

// Entry declares an action once in one scope. The binding's help is what the foot line and the help sheet print.
type Entry struct {
	Action  Action
	Scope   Scope
	Binding key.Binding
	Footer  bool // shown in the foot line, when there is room
}

// Map is the whole keyboard, in the order help shows it.
type Map []Entry

// Resolve returns the action that the innermost scope gives this press.
func (m Map) Resolve(press tea.KeyPressMsg, scopes ...Scope) (Action, bool) {
	for _, s := range scopes {
		for _, e := range m {
			if e.Scope == s && key.Matches(press, e.Binding) {
				return e.Action, true
			}
		}
	}
	return "", false
}

// StartingWith is the whole keyboard with the entries of some scopes first, in the order given.
func (m Map) StartingWith(first ...Scope) Map {
	sorted := make(Map, 0, len(m))
	early := map[Scope]bool{}
	for _, s := range first {
		if early[s] {
			continue
		}
		early[s] = true
		for _, e := range m {
			if e.Scope == s {
				sorted = append(sorted, e)
			}
		}
	}
	var rest []Scope
	for _, e := range m {
		if !early[e.Scope] {
			early[e.Scope] = true
			rest = append(rest, e.Scope)
		}
	}
	for _, s := range rest {
		for _, e := range m {
			if e.Scope == s {
				sorted = append(sorted, e)
			}
		}
	}
	return sorted
}

// WithKeyNames is the keyboard with the names of keys in ASCII: an arrow drawn as ^ or v would be taken for the key of that letter.
func (m Map) WithKeyNames() Map {
	spelled := make(Map, len(m))
	for i, e := range m {
		help := e.Binding.Help()
		for name, sign := range arrowSigns {
			if help.Key == sign {
				e.Binding.SetHelp(name, help.Desc)
			}
		}
		spelled[i] = e
	}
	return spelled
}

// Duplicate is two entries of one scope on one key; a test asks that there is none.
type Duplicate struct {
	Scope Scope
	Key   string
	A, B  Action
}

// Duplicates lists them.
func (m Map) Duplicates() (found []Duplicate) {
	type at struct {
		scope Scope
		key   string
	}
	seen := map[at]Action{}
	for _, e := range m {
		for _, k := range e.Binding.Keys() {
			if other, dup := seen[at{e.Scope, k}]; dup {
				found = append(found, Duplicate{e.Scope, k, other, e.Action})
			}
			seen[at{e.Scope, k}] = e.Action
		}
	}
	return found
}
