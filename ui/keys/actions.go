package keys

import "slices"

// Action names a command of the screen. Its text is its name in the configuration file, after that of the scope, as in
// "document.edit": lower case, words joined by hyphens; it stays stable.
type Action string

// The actions of the whole screen.
const (
	Quit         Action = "quit"
	Suspend      Action = "suspend"
	Story        Action = "story"
	ShowHelp     Action = "help"
	OpenPalette  Action = "command-palette"
	NextPane     Action = "next-pane"
	PreviousPane Action = "previous-pane"
	OpenThemes   Action = "themes"
	Mask         Action = "mask"
	ToggleMouse  Action = "mouse"
)

// The actions on accounts, the token and the application.
const (
	Refresh       Action = "refresh"
	CompareTokens Action = "compare"
	OpenAccounts  Action = "accounts"
	SignIn        Action = "sign-in"
	SignOut       Action = "sign-out"
	LinkIdentity  Action = "link-identity"
	CallFunction  Action = "functions"
	Register      Action = "create-account"
	OtherProvider Action = "other-provider"
)

// The actions that change the document or its draft.
const (
	EditField      Action = "edit"
	AddField       Action = "add"
	RemoveField    Action = "remove"
	ChangeType     Action = "change-type"
	EditDocument   Action = "edit-document"
	EditText       Action = "edit-text"
	EmptyOrDelete  Action = "empty-or-delete"
	RenameField    Action = "rename"
	PasteJSON      Action = "paste-json"
	DuplicateField Action = "duplicate"
	MoveUp         Action = "move-up"
	MoveDown       Action = "move-down"
	SelectRow      Action = "select-row"
	UndoEdit       Action = "undo-edit"
	RedoEdit       Action = "redo-edit"
	ReviewDraft    Action = "review-draft"
	Undo           Action = "undo"
)

// The actions that find and jump.
const (
	Find             Action = "find"
	FindNext         Action = "next-match"
	FindPrevious     Action = "previous-match"
	SearchRegexp     Action = "regular-expression"
	SearchIn         Action = "names-or-values"
	Jump             Action = "jump"
	Complete         Action = "complete"
	NextOutdated     Action = "next-outdated"
	PreviousOutdated Action = "previous-outdated"
	Filter           Action = "filter"
	Order            Action = "order"
)

// The actions that copy and view.
const (
	CopyValue   Action = "copy-value"
	CopyPath    Action = "copy-path"
	ViewValue   Action = "view-value"
	ViewEntry   Action = "view-entry" // of the activity
	RevealValue Action = "reveal-value"
)

// The actions that move, fold and open.
const (
	Up        Action = "up"
	Down      Action = "down"
	PageUp    Action = "page-up"
	PageDown  Action = "page-down"
	Top       Action = "top"
	Bottom    Action = "bottom"
	Toggle    Action = "toggle"
	Fold      Action = "fold"
	Unfold    Action = "open"
	FoldAll   Action = "fold-all"
	UnfoldAll Action = "open-all"
)

// levels are the actions that open the document to a level, from the first one on.
func levels() []Action {
	return []Action{"open-level-one", "open-level-two", "open-level-three", "open-level-four", "open-level-five",
		"open-level-six", "open-level-seven", "open-level-eight", "open-level-nine"}
}

// Level returns the level to which an action opens the document, 1 to 9; false: it is another action.
func Level(a Action) (int, bool) {
	n := slices.Index(levels(), a) + 1
	return n, n > 0
}

// The actions of dialogs.
const (
	Accept         Action = "accept"
	Cancel         Action = "cancel"
	NextField      Action = "next-field"
	NextChoice     Action = "next-choice"
	PreviousChoice Action = "previous-choice"
	PreviousField  Action = "previous-field"
	ChooseTrue     Action = "true"
	ChooseFalse    Action = "false"
	Save           Action = "save"
	Discard        Action = "discard"
	Retry          Action = "try-again"
	TakeYours      Action = "take-yours"
	TakeTheirs     Action = "take-theirs"
)

// Task is what a user wants to do: the help groups the actions of the panes by it.
type Task string

// The tasks, in the order of the help.
const (
	Editing    Task = "edit"
	Finding    Task = "find and jump"
	Opening    Task = "fold and open"
	Viewing    Task = "view and copy"
	Moving     Task = "move"
	UserData   Task = "account, token, application"
	WholePanes Task = "screen"
)

// Tasks returns the tasks in the order of the help.
func Tasks() []Task { return []Task{Editing, Finding, Opening, Viewing, UserData, WholePanes, Moving} }
