package edit

import (
	"context"
	"image"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/style"
)

// Config is what an editor is opened with.
type Config struct {
	Ctx      context.Context
	Timeout  time.Duration // limits each request; zero: request.DefaultTimeout
	Accounts port.Accounts // gives the person anew after they signed in again
	User     port.User     // whose document it is
	Drafts   port.Drafts
	Keys     keys.Map
	Styles   *style.Styles
	State    *state.State
	Now      time.Time   // in the zone that dates are explained in
	Screen   image.Point // the terminal's size
}

var (
	_ pane.Overlay      = (*Editor)(nil)
	_ pane.WithPosition = (*Editor)(nil)
)

// Editor is the dialog that changes a document. It goes through stages: reading the document, perhaps a kept change, the form, the review, perhaps a conflict.
type Editor struct {
	Config
	task        task
	stage       stage
	interrupted stage       // what was shown before Esc was pressed on something unsaved; nil otherwise
	size        image.Point // the size inside the frame, as the root told it; zero: not yet

	requests *request.Runner
	autosave *autosaver
	readOnly []model.Path   // fields that are read-only because they cannot be carried
	outdated []model.Change // the application's copy against the document that was read
	draft    *model.Draft   // what is accepted so far; nil until the document was read. Never changed in place: a change makes a new one.
}

// stage is one step of the editor.
type stage interface {
	update(tea.Msg) tea.Cmd
	do(keys.Action) tea.Cmd
	// draw gives styled lines for an area of this size, and where the text cursor stands.
	draw(size image.Point) ([]string, *image.Point)
	// rows is how many lines it wants at a width; 0: all there are.
	rows(width int) int
	capturing() bool
	scope() keys.Scope
	title() string
	// unsaved reports that something was typed that is not saved yet.
	unsaved() bool
}

// Field opens the editor on one field.
func Field(c Config, p model.Path) (*Editor, tea.Cmd) { return open(c, fieldTask{path: p}) }

// Add opens the editor on a new field inside an object or array; an empty path is the top level.
func Add(c Config, within model.Path) (*Editor, tea.Cmd) { return open(c, addTask{within: within}) }

// Remove opens the editor's review of taking a field away.
func Remove(c Config, p model.Path) (*Editor, tea.Cmd) { return open(c, removeTask{path: p}) }

// Document opens the editor on the whole document.
func Document(c Config) (*Editor, tea.Cmd) { return open(c, documentTask{}) }

// Empty opens the editor's review of taking away every field but `_id` and the user id.
func Empty(c Config) (*Editor, tea.Cmd) { return open(c, emptyTask{}) }

// Undo opens the editor's review of the change that undoes a saved draft. It is refused where somebody has written to those fields since.
func Undo(c Config, saved *model.Draft) (*Editor, tea.Cmd) { return open(c, undoTask{saved: saved}) }

// Redo opens the editor's review of the change that puts back what an undo took away; it is the undo of that undo.
func Redo(c Config, undone *model.Draft) (*Editor, tea.Cmd) {
	return open(c, undoTask{saved: undone, again: true})
}

// Position says whether there is more of a review below.
func (e *Editor) Position() model.Visible {
	if r, ok := e.stage.(*review); ok {
		return r.position(e.inner())
	}
	return model.Visible{}
}

func open(c Config, t task) (*Editor, tea.Cmd) {
	e := &Editor{Config: c, task: t, requests: request.New(c.Ctx, c.Timeout), autosave: newAutosaver(c)}
	return e, e.load()
}

// user is who the document belongs to: the one who signed in again, if they did.
func (e *Editor) user() port.User {
	if e.Accounts != nil {
		if p, ok := e.Accounts.Current(); ok && p.Account().ID == e.User.Account().ID {
			return p
		}
	}
	return e.User
}

// show goes to a stage.
func (e *Editor) show(s stage) tea.Cmd {
	e.stage, e.interrupted = s, nil
	return nil
}

// close asks the root to take the editor away.
func (e *Editor) close() tea.Cmd {
	e.requests.Cancel()
	return tea.Batch(e.autosave.flush(e.Now), nav.Send(nav.Close{Overlay: e}))
}

// leave closes the editor, or asks first where something unsaved stands.
func (e *Editor) leave() tea.Cmd {
	if !e.stage.unsaved() {
		return e.close()
	}
	e.interrupted = e.stage
	e.stage = &closePrompt{e: e}
	return nil
}

// Update takes answers, raw keys while a text field has the focus, pastes and what is broadcast.
func (e *Editor) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		e.Screen = image.Pt(m.Width, m.Height)
		return nil
	case pane.Resized:
		e.size = m.Size
		return nil
	case style.Changed:
		e.Styles = m.Styles
		return nil
	case state.Tick:
		e.Now = m.Now
		return nil
	case state.Changed:
		if m.State.Account.ID == e.State.Account.ID {
			e.State = m.State
		}
		return nil
	case request.Response[autosaved]:
		return e.autosave.handle(m, e.Now)
	}
	if _, asked := e.stage.(*closePrompt); asked { // answers go to what lies under the question
		return e.interrupted.update(msg)
	}
	return e.stage.update(msg)
}

// actionFor splits a raw key: what the table of keys means by it, unless it is text.
func (e *Editor) actionFor(press tea.KeyPressMsg) (keys.Action, bool) {
	if press.Text != "" {
		return "", false
	}
	return e.Keys.Resolve(press, e.stage.scope())
}

// Handle carries an action out.
func (e *Editor) Handle(a keys.Action) tea.Cmd { return e.stage.do(a) }

// View draws the stage.
func (e *Editor) View(size image.Point) string {
	lines, at := e.stage.draw(size)
	return pane.Fill(lines[scrollOffset(at, size.Y):], size)
}

// scrollOffset is how many lines go so that the cursor is seen.
func scrollOffset(at *image.Point, height int) int {
	if at == nil {
		return 0
	}
	return max(0, at.Y-height+1)
}

// Cursor is where the text cursor stands.
func (e *Editor) Cursor() *tea.Cursor {
	inner := e.inner()
	_, at := e.stage.draw(inner)
	if at == nil {
		return nil
	}
	y := at.Y - scrollOffset(at, inner.Y)
	if !image.Pt(at.X, y).In(image.Rectangle{Max: inner}) {
		return nil
	}
	return tea.NewCursor(at.X, y)
}

// CapturesKeys reports that a text field has the focus.
func (e *Editor) CapturesKeys() bool { return e.stage.capturing() }

// Scope is the stage's.
func (e *Editor) Scope() keys.Scope { return e.stage.scope() }

// Title is the stage's.
func (e *Editor) Title() model.Visible { return model.Show(e.stage.title()) }

// HasUnsaved reports that something typed is not saved.
func (e *Editor) HasUnsaved() bool { return e.stage.unsaved() }

// The widest a dialog is, and the frame around it.
const (
	maxWidth   = 104
	frameCells = 2
)

// Size is as wide as reads well and as high as the stage wants, with a line left above and below for whose account it is and which keys work.
func (e *Editor) Size(screen image.Point) image.Point {
	size := image.Pt(min(maxWidth, screen.X-4), screen.Y-2)
	if screen.X < 70 {
		size.X = screen.X
	}
	if want := e.stage.rows(size.X - frameCells); want > 0 {
		size.Y = min(size.Y, want+frameCells)
	}
	return size
}

// inner is the size inside the frame, for the cursor and for what moves by rows.
func (e *Editor) inner() image.Point {
	if e.size != (image.Point{}) {
		return e.size
	}
	return pane.Inner(e.Size(e.Screen))
}
