// Package keys holds the table of key bindings: action, scope, keys.
// The root's dispatch, the footer, the help, the command palette and the README's key table read it.
//
// May import: nothing of ours.
package keys

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Action names a command of the screen.
type Action string

// Scope is a part of the screen with its own bindings; the root resolves a key in the innermost scope first.
type Scope string

// The scopes.
const (
	Everywhere     Scope = "everywhere"
	Account        Scope = "account"
	Identities     Scope = "identities"
	Document       Scope = "custom data"
	Session        Scope = "session"
	Activity       Scope = "activity"
	Dialog         Scope = "dialog" // any overlay: Accept, Cancel and movement
	Field          Scope = "field"  // the editor of one field
	Review         Scope = "review"
	Conflict       Scope = "conflict"
	DocumentEditor Scope = "document editor"
	Compare        Scope = "compare"
	Accounts       Scope = "accounts"
	Themes         Scope = "themes"
	Help           Scope = "help"
	FindInDocument Scope = "search"         // the search line of the custom data pane
	FindInHelp     Scope = "search in help" // the search line of the help
	CommandPalette Scope = "command palette"
	ValueViewer    Scope = "value"           // one value in full
	LongText       Scope = "long text"       // a field of several lines
	BoolInput      Scope = "true or false"   // a boolean: chosen, not typed
	ConstantInput  Scope = "constant"        // a type with a single value, such as null
	SaveFailed     Scope = "save failed"     // the review of a save that failed
	UndoReview     Scope = "undo"            // the review of an undo, which cannot be edited
	KindPicker     Scope = "types"           // the list of a field's types
	Loading        Scope = "loading"         // the editor could not read the document
	Refusal        Scope = "cannot start"    // the editor refused a task
	SignOutPrompt  Scope = "sign out"        // the question whether to sign an account out
	RemovePrompt   Scope = "remove account"  // the question whether to remove a signed-out account
	Waiting        Scope = "waiting"         // a dialog waits for the response to its request
	DiscardPrompt  Scope = "unsaved input"   // Esc was pressed with unsaved input
	SignInForm     Scope = "sign-in form"    // sign in, create an account, link an identity
	FunctionPicker Scope = "functions"       // the list of functions
	Arguments      Scope = "arguments"       // the form of a function's arguments
	FunctionResult Scope = "function result" // what a function returned
)

// The actions.
const (
	Quit          Action = "quit"
	Suspend       Action = "suspend"
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
	ReviewDraft   Action = "review the draft"
	Undo          Action = "undo"
	CallFunction  Action = "functions"
	CopyValue     Action = "copy value"
	CopyPath      Action = "copy path"
	ViewValue     Action = "view value"
	RevealValue   Action = "reveal value"
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

// Entry declares an action once in one scope. Footer and help print the binding's help.
type Entry struct {
	Action  Action
	Scope   Scope
	Binding key.Binding
	Footer  bool // shown in the footer when it fits
}

// Map is the whole table, in the order of the help.
type Map []Entry

// Resolve returns the action that the first matching scope binds to a key press.
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

// StartingWith returns the table with the entries of some scopes first, in the given order.
func (m Map) StartingWith(first ...Scope) Map {
	scopes := slices.Clone(first)
	for _, e := range m {
		scopes = append(scopes, e.Scope)
	}
	sorted := make(Map, 0, len(m))
	added := map[Scope]bool{}
	for _, s := range scopes {
		if added[s] {
			continue
		}
		added[s] = true
		for _, e := range m {
			if e.Scope == s {
				sorted = append(sorted, e)
			}
		}
	}
	return sorted
}

// WithKeyNames returns the table with arrow keys named instead of drawn: in ASCII an arrow would be ^ or v,
// which read as other keys.
func (m Map) WithKeyNames() Map {
	named := make(Map, len(m))
	for i, e := range m {
		help := e.Binding.Help()
		for name, sign := range arrowSigns {
			if help.Key == sign {
				e.Binding.SetHelp(name, help.Desc)
			}
		}
		named[i] = e
	}
	return named
}

// Duplicate is a key with two actions in one scope; a test requires that none exists.
type Duplicate struct {
	Scope Scope
	Key   string
	A, B  Action
}

// Duplicates returns every Duplicate of the table.
func (m Map) Duplicates() (found []Duplicate) {
	type scopeKey struct {
		scope Scope
		key   string
	}
	seen := map[scopeKey]Action{}
	for _, e := range m {
		for _, k := range e.Binding.Keys() {
			if other, dup := seen[scopeKey{e.Scope, k}]; dup {
				found = append(found, Duplicate{e.Scope, k, other, e.Action})
			}
			seen[scopeKey{e.Scope, k}] = e.Action
		}
	}
	return found
}
