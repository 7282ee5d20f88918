// Package nav holds the messages with which panes and overlays request something from the root model.
//
// May import: model, ui/pane, ui/state.
package nav

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// Open opens an overlay on top of the others.
type Open struct{ Overlay pane.Overlay }

// Close closes an overlay, wherever it is in the stack.
type Close struct{ Overlay pane.Overlay }

// Notify shows a notice as a toast and in the activity.
type Notify struct {
	Text       state.Message
	Success    bool
	AboutDraft bool // the toast vanishes with the kept draft
}

// ShowFault shows a fault: the sign-in dialog after the end of the session, else a toast.
type ShowFault struct{ Fault *model.Fault }

// EditDocument opens the editor for the whole document.
type EditDocument struct{}

// EditText opens a field, or with an empty path the whole document, in the user's editor for texts.
type EditText struct{ Path model.Path }

// ReviewDraft opens the review of the kept draft.
type ReviewDraft struct{}

// DraftStored reports the draft that is now kept for an account; nil: none.
type DraftStored struct {
	AccountID string
	Draft     *model.Draft
}

// Saved reports a saved draft: the root refreshes the token and shows the changes, old → new.
type Saved struct {
	Draft   *model.Draft
	Outcome model.WriteResult
	Of      time.Time // of the save that the draft undoes or redoes; zero: neither
	IsUndo  bool      // it undoes it
}

// Copy puts text on the clipboard. While personal data is masked the root refuses to, unless Public is set.
type Copy struct {
	Text   string
	Label  string // names the text in the toast
	Public bool   // the text contains no personal data
}

// Copied says that the system's clipboard has taken a text. After a text went to the terminal, which may ignore it,
// there is none.
type Copied struct{ Text string }

// CopyAs opens the menu that copies a part of a document in a format, or writes it to a file.
type CopyAs struct {
	Path     model.Path // under the cursor; empty: there is none
	Value    bson.RawValue
	Document bson.Raw
	Edits    []model.Edit // of the draft, which the values include; the document does not
	Selected []model.Path // the selected fields; empty: none
	IsResult bool         // of a function: the document is not the user's
}

// GoTo moves the cursor of the document to a field and opens the objects that contain it.
type GoTo struct{ Path model.Path }

// RevealValue shows one field although personal data is masked, or masks it again.
type RevealValue struct{ Path model.Path }

// ViewValue opens a dialog that shows the whole value of a field.
type ViewValue struct {
	Path  model.Path
	Value bson.RawValue
}

// CallFunction opens the dialog that calls a function of the application.
type CallFunction struct {
	Name string // empty: the user chooses
	Args string // an extended JSON array; may be empty
}

// Refresh refreshes the token.
type Refresh struct{}

// Check reads the document from the database.
type Check struct{}

// Switched reports that another account is the current one, or none. The root removes the notices before it, and then
// shows Notice if it has a text.
type Switched struct{ Notice Notify }

// SignedIn reports that a user signed in.
type SignedIn struct{}

// Linked reports that an identity of this provider was linked to the current user, which brought a new token.
type Linked struct{ Provider string }

// Send returns a command that sends a message.
func Send(m tea.Msg) tea.Cmd { return func() tea.Msg { return m } }
