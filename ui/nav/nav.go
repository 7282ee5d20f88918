// Package nav holds the requests that a pane or overlay sends up to the root: it asks, the root decides.
//
// May import: model, ui/pane.
package nav

import (
	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/pane"
)

// Open asks for an overlay on top of the stack.
type Open struct{ Overlay pane.Overlay }

// Close asks to take an overlay off the stack, wherever it stands.
type Close struct{ Overlay pane.Overlay }

// Notify asks for a toast, which activity keeps.
type Notify struct {
	Text    model.Visible
	Masked  model.Visible // stands for Text while personal data is masked; zero: Text does
	Success bool          // an achievement, not a plain notice
}

// ShowFault hands a fault to the root, which picks its place by its kind.
type ShowFault struct{ Fault *model.Fault }

// EditField asks for the editor on one field.
type EditField struct{ Path model.Path }

// AddField asks for the editor on a new field inside an object or array; an empty path is the top level.
type AddField struct{ Within model.Path }

// RemoveField asks for the editor's review of taking a field away.
type RemoveField struct{ Path model.Path }

// EditDocument asks for the editor on the whole document.
type EditDocument struct{}

// Saved says that a draft was saved: the root refreshes and shows old → new.
type Saved struct {
	Draft   *model.Draft
	Outcome model.WriteResult
	IsUndo  bool // it took the save before it back, so that undoing it puts that one's change back
}

// Copy asks to put text on the clipboard; Name says in the toast what it was. The root hides it while personal data is masked and Personal is set.
type Copy struct {
	Text     string
	Label    string
	Personal bool
}

// ViewValue asks for a dialog that shows a value in full.
type ViewValue struct {
	Path  model.Path
	Value bson.RawValue
}

// CallFunction asks for the dialog that calls a function of the application, by name; an empty name lets the person choose. Args is extended JSON, may be empty.
type CallFunction struct {
	Name string
	Args string
}

// Refresh asks to renew the token.
type Refresh struct{}

// Check asks to read what the database holds now.
type Check struct{}

// Switched says that another person is now the current one.
type Switched struct{}

// SignedIn says that somebody signed in.
type SignedIn struct{}

// Linked says that the current person has another way to sign in, which brought a new token along.
type Linked struct{ Provider string }

// Send makes a command of a request.
func Send(m tea.Msg) tea.Cmd { return func() tea.Msg { return m } }
