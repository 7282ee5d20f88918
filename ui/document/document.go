package document

import (
	"context"
	"image"
	"slices"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/edit"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/state"
	"dossier/ui/style"
)

var (
	_ pane.Pane      = (*Pane)(nil)
	_ pane.WithClock = (*Pane)(nil)
)

// Pane shows the custom data. Create it with New.
type Pane struct {
	keys    keys.Map
	styles  *style.Styles
	state   *state.State
	focused bool
	size    image.Point

	tree         *model.Tree
	document     bson.Raw // the document in the tree
	fromDatabase bool     // the document comes from the database: it is too large for a token
	scroll       pane.Scroll
	outdated     []model.Change // that marks was made of
	outdatedSet  *model.PathSet
	marks        marks
	draft        draftMarks
	used         bool       // an action was carried out since the account was opened
	follow       model.Path // the cursor goes to this field as soon as it is shown; nil: it stays
	search       search
	jump         jump
	arrangement  arrangement
	drawing
	input  *edit.Editor // of the value in the selected row; nil: none
	chosen selection
}

// New creates the pane; its searches end with ctx, and now is the first time.
func New(ctx context.Context, k keys.Map, s *style.Styles, now time.Time) *Pane {
	return &Pane{keys: k, styles: s, state: &state.State{}, tree: model.NewTree(nil),
		search: search{requests: request.New(ctx, 0)}, arrangement: arrangement{requests: request.New(ctx, 0)},
		drawing: drawing{now: now}}
}

// Update handles results, sizes, changes and, during a search, keys.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	cmd, done := p.updateInput(msg)
	if done {
		return cmd
	}
	return tea.Batch(cmd, p.update(msg))
}

func (p *Pane) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case pane.Resized:
		p.size = m.Size
		p.fit()
	case pane.Focused:
		p.focused = m.On
	case style.Changed:
		p.styles = m.Styles
	case state.Tick:
		p.now = m.Now
	case state.Changed:
		return p.setState(m.State)
	case request.Response[scanned]:
		return p.handleScanned(m)
	case request.Response[arranged]:
		p.handleArranged(m)
	case tea.KeyPressMsg:
		return p.press(m)
	case tea.PasteMsg:
		return p.paste(m)
	case tea.MouseWheelMsg:
		p.wheel(m)
	case tea.MouseClickMsg:
		return p.click(m)
	}
	return nil
}

// setState shows a newer state.
func (p *Pane) setState(r *state.State) tea.Cmd {
	before := p.state
	accountChanged, masked := r.Account.ID != before.Account.ID, r.Masked && !before.Masked
	p.state = r
	doc, stored := r.Session.Snapshot.CustomData, false
	if doc == nil && r.Session.Snapshot.TooLarge && r.LastCheck != nil {
		doc, stored = r.LastCheck.Document, true
	}
	p.fromDatabase = stored
	outdatedChanged, draftChanged := !sameChanges(r.Outdated, p.outdated), !r.Draft.Equal(before.Draft)
	if outdatedChanged {
		p.outdated, p.marks = r.Outdated, newMarks(r.Outdated, model.Change.PathInOld)
		p.outdatedSet = model.NewPathSet(p.outdatedPaths())
	}
	if draftChanged || p.draft.draft == nil != (r.Draft == nil) {
		p.draft = newDraftMarks(r.Draft)
	}
	var cmd tea.Cmd
	if masked { // the query and its matches may be values
		cmd = p.clearSearch()
	}
	documentChanged := accountChanged || !sameDocument(doc, p.document)
	if draftChanged && p.used && !accountChanged {
		p.follow = addedField(before.Draft, r.Draft, p.follow)
	}
	if !documentChanged && !outdatedChanged && !draftChanged {
		return cmd
	}
	cmd = tea.Batch(cmd, p.show(doc, accountChanged))
	switch {
	case accountChanged:
		p.jump = jump{}
		cmd = tea.Batch(cmd, p.clearSearch())
	case p.search.active() && (documentChanged || outdatedChanged || len(doc) <= maxSyncBytes):
		cmd = tea.Batch(cmd, p.startSearch())
	}
	p.fit()
	return cmd
}

// sameDocument reports whether two documents have equal bytes; it compares by identity first, since documents can be
// large.
func sameDocument(a, b bson.Raw) bool {
	if len(a) != len(b) {
		return false
	}
	return len(a) == 0 && (a == nil) == (b == nil) || len(a) > 0 && (&a[0] == &b[0] || string(a) == string(b))
}

// sameChanges reports whether two lists are one: states share the list of changes until the next comparison.
func sameChanges(a, b []model.Change) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// press edits the line of a search or of a jump.
func (p *Pane) press(m tea.KeyPressMsg) tea.Cmd {
	switch {
	case p.jump.typing:
		return p.pressInJump(m)
	case p.search.typing:
		return p.pressInSearch(m)
	}
	return nil
}

func (p *Pane) paste(m tea.PasteMsg) tea.Cmd {
	switch {
	case p.jump.typing:
		p.jump.line.Paste(m.Content)
		p.complete()
	case p.search.typing:
		p.search.line.Paste(m.Content)
		return p.startSearch()
	}
	return nil
}

// selected returns the row under the cursor.
func (p *Pane) selected() (model.Row, bool) {
	if p.scroll.Selected >= p.tree.Len() {
		return model.Row{}, false
	}
	return p.tree.Row(p.scroll.Selected), true
}

// fit adapts the scroll range to the tree's length and the pane's height.
func (p *Pane) fit() {
	p.scroll.Resize(p.tree.Len(), p.size.Y-p.detailHeight()-p.linesHeight())
	p.measure()
}

// Handle runs an action.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	p.used, p.follow = true, nil
	if p.scroll.Move(a) {
		p.scrolled()
		return nil
	}
	if cmd, ok := p.browse(a); ok {
		return cmd
	}
	row, ok := p.selected()
	switch a {
	case keys.EditDocument:
		return nav.Send(nav.EditDocument{})
	case keys.EditText:
		return nav.Send(nav.EditText{Path: row.Path})
	case keys.ReviewDraft:
		return nav.Send(nav.ReviewDraft{})
	case keys.SelectRow:
		p.selectRow()
		return nil
	}
	if !ok {
		return nil
	}
	switch a {
	case keys.RevealValue:
		return nav.Send(nav.RevealValue{Path: row.Path})
	case keys.ViewValue:
		return nav.Send(nav.ViewValue{Path: row.Path, Value: p.whole(row)})
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: model.Text(p.whole(row)), Label: "the value of " + row.Path.String()})
	case keys.CopyPath:
		return nav.Send(nav.Copy{Text: row.Path.String(), Label: "the path " + row.Path.String(), Public: true})
	case keys.CopyAs:
		return nav.Send(nav.CopyAs{Path: row.Path, Value: p.whole(row), Document: p.document,
			Edits: p.state.Draft.Inside(nil), Selected: slices.Clone(p.chosen.paths)})
	default:
		p.fold(a, row)
		return nil
	}
}

// whole returns the value of a row as the rows show it: an object or array with the edits of the fields inside it.
func (p *Pane) whole(row model.Row) bson.RawValue {
	if !isContainer(row.Value) {
		return row.Value
	}
	return model.ApplyEdits(row.Value, row.Path, p.state.Draft.Inside(row.Path))
}

// browse carries out an action that finds, jumps, orders or filters; false: it is another one.
func (p *Pane) browse(a keys.Action) (tea.Cmd, bool) {
	switch a {
	case keys.Find:
		return p.openSearch(), true
	case keys.FindNext:
		return p.stepMatch(+1), true
	case keys.FindPrevious:
		return p.stepMatch(-1), true
	case keys.Jump:
		p.openJump()
		return nil, true
	case keys.NextOutdated:
		return p.stepOutdated(+1), true
	case keys.PreviousOutdated:
		return p.stepOutdated(-1), true
	case keys.Filter:
		return p.toggleFilter(), true
	case keys.Order:
		return p.nextOrder(), true
	case keys.Cancel:
		return p.cancel(), true
	}
	return nil, p.openLevels(a)
}

// Within returns the object or array that a new field goes into: the one under the cursor, open or not, otherwise the
// parent of the row. at is the position after the item under the cursor; -1: the end, or not an array.
func (p *Pane) Within() (within model.Path, at int) {
	row, ok := p.selected()
	switch {
	case !ok:
		return nil, -1
	case row.Expandable:
		return row.Path, -1
	case row.IsElement:
		if index, err := strconv.ParseUint(row.Key, 10, 31); err == nil { // not an item that is only in another array
			return row.Path.Parent(), int(index) + 1
		}
	}
	return row.Path.Parent(), -1
}

// Selected returns the path under the cursor; nil: none.
func (p *Pane) Selected() model.Path {
	row, _ := p.selected()
	return row.Path
}

// CapturesKeys reports whether a search text, a path or a value is being typed.
func (p *Pane) CapturesKeys() bool { return p.search.typing || p.jump.typing || p.input != nil }

// Scope returns the key scope.
func (p *Pane) Scope() keys.Scope {
	switch {
	case p.input != nil:
		return p.input.Scope()
	case p.jump.typing:
		return keys.JumpToField
	case p.search.typing:
		return keys.FindInDocument
	}
	return keys.Document
}

// Title returns the title of the frame.
func (p *Pane) Title() model.Visible { return model.Show("custom data") }

// Position returns the position of the cursor in the tree.
func (p *Pane) Position() model.Visible { return p.scroll.Position() }
