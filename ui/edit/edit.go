package edit

import (
	"context"
	"image"
	"slices"
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

// Config holds what an editor needs.
type Config struct {
	Ctx      context.Context
	Timeout  time.Duration // limits each request; zero: request.DefaultTimeout
	Accounts port.Accounts // returns the user again after a new sign-in
	User     port.User     // the owner of the document
	Drafts   port.Drafts
	Service  string // its name on the screen; empty: the account's server
	Keys     keys.Map
	Styles   *style.Styles
	State    *state.State
	Now      time.Time   // its location is the time zone of the displayed dates
	Screen   image.Point // the terminal size

	TextEditor port.TextEditor       // the user's editor for texts; nil: there is none
	Release    func(tea.Cmd) tea.Cmd // runs a command that uses the terminal; nil: it does not use it
	Current    *CurrentDraft         // of the user; nil: the editor has one of its own
	// selects a field in the custom data pane, as soon as it is there; nil: nothing is selected
	Select func(model.Path)
}

var (
	_ pane.Overlay      = (*Editor)(nil)
	_ pane.WithPosition = (*Editor)(nil)
)

// Editor is the dialog that changes a document. Its stages: load the document and the stored draft, form, review,
// conflict.
type Editor struct {
	Config
	task        task
	stage       stage
	interrupted stage       // the stage that closePrompt interrupted; nil: none
	size        image.Point // the size inside the frame, from pane.Resized; zero: not yet received

	inRow bool      // the input is a row of the custom data pane, not a dialog
	next  Next      // what follows the end of an input in a row
	done  bool      // the editor is closed
	rest  []tea.Msg // typed while the document was read, after what closed the editor

	requests *request.Runner
	external *request.Runner // of the user's editor for texts
	autosave *autosaver
	written  writtenText         // the text for the next stage
	readOnly []model.Unencodable // where the service transfers only extended JSON
	outdated []model.Change      // the snapshot compared with the document that was loaded
	// the accepted edits; nil until the document is loaded. Immutable: a change creates a new draft.
	draft *model.Draft
}

// stage is one step of the editor.
type stage interface {
	update(tea.Msg) tea.Cmd
	do(keys.Action) tea.Cmd
	// draw returns styled lines for an area of this size, and the position of the text cursor; nil: no cursor.
	draw(size image.Point) ([]string, *image.Point)
	// rows returns the preferred number of lines at a width; 0: all available lines.
	rows(width int) int
	capturing() bool
	scope() keys.Scope
	title() string
	// unsaved reports whether there is input that is not saved yet.
	unsaved() bool
}

// Field opens the editor on one field.
func Field(c Config, p model.Path) (*Editor, tea.Cmd) { return open(c, fieldTask{path: p}) }

// InRow opens the editor of a field in its row: a dialog only if the value does not fit a line, see FitsRow.
func InRow(c Config, p model.Path) (*Editor, tea.Cmd) { return openInRow(c, fieldTask{path: p}) }

// Rename opens the input of a field's name in its row.
func Rename(c Config, p model.Path) (*Editor, tea.Cmd) { return openInRow(c, renameTask{path: p}) }

// Add opens the editor on a new field inside an object or array; an empty path is the top level.
func Add(c Config, within model.Path) (*Editor, tea.Cmd) {
	return open(c, addTask{within: within, at: atEnd})
}

// AddAt is Add at a position of an array; negative: at its end.
func AddAt(c Config, within model.Path, at int) (*Editor, tea.Cmd) {
	return open(c, addTask{within: within, at: at})
}

// ChangeType opens the list of types for fields.
func ChangeType(c Config, paths []model.Path) (*Editor, tea.Cmd) {
	return open(c, typeTask{paths: paths})
}

// Paste opens the editor on JSON text that becomes a field inside an object or array, or the fields of an object.
func Paste(c Config, within model.Path, text string) (*Editor, tea.Cmd) {
	return open(c, pasteTask{within: within, text: text})
}

// Document opens the editor on the whole document.
func Document(c Config) (*Editor, tea.Cmd) { return open(c, documentTask{}) }

// Text opens a field in the user's editor for texts; an empty path is the whole document.
func Text(c Config, p model.Path) (*Editor, tea.Cmd) {
	if len(p) == 0 {
		return open(c, textTask{task: documentTask{}})
	}
	return open(c, textTask{task: fieldTask{path: p}})
}

// Empty opens the review of the removal of every field except `_id` and the user id.
func Empty(c Config) (*Editor, tea.Cmd) { return open(c, emptyTask{}) }

// Review opens the review of the stored draft.
func Review(c Config) (*Editor, tea.Cmd) { return open(c, reviewTask{}) }

// Undo opens the review of the change that undoes the only save, or redoes it after its undo. Of several saves, newest
// first, the user selects one. Fields that changed since are left alone.
func Undo(c Config, saves []model.SavedChange) (*Editor, tea.Cmd) {
	saves = slices.Clone(saves)
	for i := range saves {
		saves[i].At = saves[i].At.In(c.Now.Location())
	}
	return open(c, undoTask{saves: saves})
}

// ClockText returns the age of the date or id under edit, as it is written at a time.
func (e *Editor) ClockText(now time.Time) string {
	f, ok := e.stage.(*form)
	if !ok || f.input.kind != model.Date && f.input.kind != model.ObjectID {
		return ""
	}
	return f.explanation(now)
}

// Position reports whether the review continues below the visible rows.
func (e *Editor) Position() model.Visible {
	if r, ok := e.stage.(*review); ok {
		return r.position(e.inner())
	}
	return model.Visible{}
}

func open(c Config, t task) (*Editor, tea.Cmd) { return newEditor(c, t).open() }

func openInRow(c Config, t task) (*Editor, tea.Cmd) {
	e := newEditor(c, t)
	e.inRow = true
	return e.open()
}

func newEditor(c Config, t task) *Editor {
	return &Editor{Config: c, task: t, requests: request.New(c.Ctx, c.Timeout), autosave: c.Current.autosave,
		external: request.New(c.Ctx, maxEditingTime)}
}

// open starts the task as soon as the stored draft is known, after the operations under way.
func (e *Editor) open() (*Editor, tea.Cmd) {
	e.stage = &loading{e: e}
	return e, tea.Batch(e.Current.whenReady(e.begin), e.requestHints())
}

// begin starts the task on the last check, if it is about single fields; otherwise it reads the document first.
func (e *Editor) begin() tea.Cmd {
	if e.done {
		return nil
	}
	e.Current.opened(e)
	e.autosave.history.seal()
	var typed []tea.Msg
	if l, ok := e.stage.(*loading); ok {
		typed = l.typed
	}
	check := e.Current.check()
	_, ofField := e.task.(fieldsTask)
	if !ofField || check == nil || !check.Exact && len(check.Document) > maxSyncDocument {
		return e.load(typed)
	}
	return tea.Batch(e.startTask(e.loadedFrom(*check)), e.replay(typed))
}

// user returns the owner of the document.
func (e *Editor) user() port.User { return newestUser(e.Config) }

// show switches to a stage.
func (e *Editor) show(s stage) tea.Cmd {
	e.stage, e.interrupted = s, nil
	return nil
}

// close sends the request to close the editor, and writes a pending draft.
func (e *Editor) close() tea.Cmd {
	e.requests.Cancel()
	e.done = true
	return tea.Batch(e.autosave.flush(e.Now), e.Current.closed(e), nav.Send(nav.Close{Overlay: e}))
}

// leave closes the editor. What was typed is kept; if it cannot be stored, a question comes first.
func (e *Editor) leave() tea.Cmd {
	if !e.HasUnsaved() {
		return e.close()
	}
	e.interrupted = e.stage
	e.stage = newClosePrompt(e)
	return nil
}

// Update handles results, key presses while a text field has the focus, pastes and broadcasts.
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
			e.maskInput()
		}
		return nil
	case request.Response[autosaved]:
		return e.autosave.handle(m, e.Now)
	case request.Response[editedText]:
		return e.takeText(m)
	case request.Response[model.Hints]:
		e.Current.hints.take(m)
		return nil
	}
	if _, prompted := e.stage.(*closePrompt); prompted { // results belong to the stage below the prompt
		return e.interrupted.update(msg)
	}
	return e.stage.update(msg)
}

// maskInput masks the input of a value that is no longer shown.
func (e *Editor) maskInput() {
	for _, s := range []stage{e.stage, e.interrupted} {
		switch s := s.(type) {
		case *form:
			s.mask()
		case *kindPicker:
			s.form.mask()
		}
	}
}

// actionFor returns the action bound to a key press; false if the key types text.
func (e *Editor) actionFor(press tea.KeyPressMsg) (keys.Action, bool) {
	if press.Text != "" {
		return "", false
	}
	return e.Keys.Resolve(press, e.stage.scope())
}

// Handle runs an action.
func (e *Editor) Handle(a keys.Action) tea.Cmd { return e.stage.do(a) }

// View draws the stage.
func (e *Editor) View(size image.Point) string {
	lines, at := e.stage.draw(size)
	return pane.Fill(lines[scrollOffset(at, size.Y):], size)
}

// scrollOffset returns how many lines are scrolled off the top so that the text cursor is visible.
func scrollOffset(at *image.Point, height int) int {
	if at == nil {
		return 0
	}
	return max(0, at.Y-height+1)
}

// Cursor returns the position of the text cursor.
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

// CapturesKeys reports whether a text field has the focus.
func (e *Editor) CapturesKeys() bool { return e.stage.capturing() }

// Scope returns the key scope of the stage.
func (e *Editor) Scope() keys.Scope { return e.stage.scope() }

// Title returns the title of the stage.
func (e *Editor) Title() model.Visible { return model.Show(e.stage.title()) }

// HasUnsaved reports whether closing now would lose input: drafts are kept, unless they cannot be stored.
func (e *Editor) HasUnsaved() bool { return e.autosave.failed && e.stage.unsaved() }

// The maximal width of the dialog, and the cells that its frame takes.
const (
	maxWidth   = 104
	frameCells = 2
)

// Size is at most maxWidth wide and as high as the stage needs. One line above (account) and one below (keys) stay
// visible.
func (e *Editor) Size(screen image.Point) image.Point {
	size := image.Pt(min(maxWidth, screen.X-4), screen.Y-2)
	if screen.X < 70 {
		size.X = screen.X
	}
	if rows := e.stage.rows(size.X - frameCells); rows > 0 {
		size.Y = min(size.Y, rows+frameCells)
	}
	return size
}

// inner returns the size inside the frame.
func (e *Editor) inner() image.Point {
	if e.size != (image.Point{}) {
		return e.size
	}
	return pane.Inner(e.Size(e.Screen))
}
