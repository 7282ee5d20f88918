package keys

import "strings"

// Scope is a part of the screen with its own bindings; the root resolves a key in the innermost scope first. Its text
// is its name in the configuration file: lower case, words joined by hyphens; it stays stable.
type Scope string

// Title returns the scope's name on the screen.
func (s Scope) Title() string {
	if s == Document {
		return "custom data"
	}
	return strings.ReplaceAll(string(s), "-", " ")
}

// The scopes of the panes.
const (
	Everywhere Scope = "everywhere" // after the scope of the pane with the focus
	Account    Scope = "account"
	Document   Scope = "document" // the custom data
	Session    Scope = "session"
	Activity   Scope = "activity"
)

// Panes returns the scopes whose bindings apply together with those of Everywhere.
func Panes() []Scope { return []Scope{Account, Document, Session, Activity, Everywhere} }

// The scopes of the editor's steps.
const (
	Field          Scope = "field"         // one field: a form
	LongText       Scope = "long-text"     // a field of several lines
	PasteInput     Scope = "paste"         // JSON that becomes fields
	BoolInput      Scope = "true-or-false" // a boolean: chosen, not typed
	ConstantInput  Scope = "constant"      // a type with a single value, such as null
	KindPicker     Scope = "types"         // the list of a field's types
	DocumentEditor Scope = "document-editor"
	Review         Scope = "review"
	UndoReview     Scope = "undo"      // the review of an undo, which cannot be edited
	UndoList       Scope = "undo-list" // the saves that can be undone
	Conflict       Scope = "conflict"
	SaveFailed     Scope = "save-failed"   // the review of a save that failed
	Loading        Scope = "loading"       // the editor could not read the document
	Refusal        Scope = "cannot-start"  // the editor refused a task
	DiscardPrompt  Scope = "unsaved-input" // Esc was pressed with input that could not be stored
	DiscardDraft   Scope = "discard-draft" // the question whether to discard the draft
)

// The scopes of search lines.
const (
	FindInDocument Scope = "search"         // of the custom data pane
	JumpToField    Scope = "jump"           // the line for a path, of the custom data pane
	FindInHelp     Scope = "search-in-help" // of the help
	CommandPalette Scope = "command-palette"
)

// The scopes of the other dialogs.
const (
	Dialog        Scope = "dialog" // any overlay, after its own scope: Accept, Cancel and movement
	Help          Scope = "help"
	Themes        Scope = "themes"
	ValueViewer   Scope = "value" // one value in full
	Compare       Scope = "compare"
	Accounts      Scope = "accounts"
	SignInForm    Scope = "sign-in-form"   // sign in, create an account, link an identity
	SignOutPrompt Scope = "sign-out"       // the question whether to sign an account out
	RemovePrompt  Scope = "remove-account" // the question whether to remove a signed-out account
	Waiting       Scope = "waiting"        // a dialog waits for the response to its request
)
