package document

import (
	"context"
	"image"
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
	marks        marks
	draft        draftMarks
	used         bool       // an action was carried out since the account was opened
	follow       model.Path // the cursor goes to this field as soon as it is shown; nil: it stays
	search       search
	drawing
	input  *edit.Editor // of the value in the selected row; nil: none
	chosen selection
}

// New creates the pane; its searches end with ctx, and now is the first time.
func New(ctx context.Context, k keys.Map, s *style.Styles, now time.Time) *Pane {
	return &Pane{keys: k, styles: s, state: &state.State{}, tree: model.NewTree(nil),
		search: search{requests: request.New(ctx, 0)}, drawing: drawing{now: now}}
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
	case request.Response[searchResult]:
		p.handleResult(m)
	case tea.KeyPressMsg:
		return p.press(m)
	case tea.PasteMsg:
		if p.search.typing {
			p.search.line.Paste(m.Content)
			return p.startSearch()
		}
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
		p.outdated, p.marks = r.Outdated, newMarks(r.Outdated)
	}
	p.draft = newDraftMarks(r.Draft)
	if masked { // the query and its matches may be values
		p.clearSearch()
	}
	documentChanged := accountChanged || !sameDocument(doc, p.document)
	if draftChanged && p.used && !accountChanged {
		p.follow = addedField(before.Draft, r.Draft, p.follow)
	}
	if !documentChanged && !outdatedChanged && !draftChanged {
		return nil
	}
	p.show(doc, accountChanged)
	if p.search.query != "" && !accountChanged {
		return p.startSearch()
	}
	if documentChanged {
		p.search = search{requests: p.search.requests}
	}
	p.fit()
	return nil
}

// show shows a document with the ghosts of the state. For the same account, expanded rows and the cursor stay.
func (p *Pane) show(doc bson.Raw, accountChanged bool) {
	if accountChanged {
		p.document, p.follow, p.used, p.counts = doc, nil, false, map[*byte]int{}
		p.tree, p.scroll, p.chosen = model.NewTree(nil), pane.Scroll{}, selection{}
		p.tree.SetDocument(doc, ghosts(p.state, doc))
		p.fit()
		return
	}
	cursor := p.cursor()
	p.counts = map[*byte]int{}
	if sameDocument(doc, p.document) {
		p.tree.SetGhosts(ghosts(p.state, doc))
	} else {
		p.tree.SetDocument(doc, ghosts(p.state, doc))
	}
	p.document = doc
	p.placeCursor(cursor)
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

// selected returns the row under the cursor.
func (p *Pane) selected() (model.Row, bool) {
	if p.scroll.Selected >= p.tree.Len() {
		return model.Row{}, false
	}
	return p.tree.Row(p.scroll.Selected), true
}

// fit adapts the scroll range to the tree's length and the pane's height.
func (p *Pane) fit() {
	p.scroll.Resize(p.tree.Len(), p.size.Y-p.detailHeight()-p.searchHeight())
	p.measure()
}

// Handle runs an action.
func (p *Pane) Handle(a keys.Action) tea.Cmd {
	p.used, p.follow = true, nil
	if p.scroll.Move(a) {
		p.scrolled()
		return nil
	}
	row, ok := p.selected()
	switch a {
	case keys.Find:
		p.openSearch()
		return nil
	case keys.FindNext:
		return p.stepMatch(+1)
	case keys.FindPrevious:
		return p.stepMatch(-1)
	case keys.AddField:
		within, _ := p.Within()
		return nav.Send(nav.AddField{Within: within})
	case keys.EditDocument:
		return nav.Send(nav.EditDocument{})
	case keys.EditText:
		return nav.Send(nav.EditText{Path: row.Path})
	case keys.ReviewDraft:
		return nav.Send(nav.ReviewDraft{})
	case keys.Cancel:
		if len(p.chosen.paths) > 0 {
			p.ClearChosen()
			return nil
		}
		p.clearSearch()
		return nil
	case keys.SelectRow:
		p.selectRow()
		return nil
	}
	if !ok {
		return nil
	}
	switch a {
	case keys.EditField:
		return nav.Send(nav.EditField{Path: row.Path})
	case keys.RemoveField:
		return nav.Send(nav.RemoveField{Path: row.Path})
	case keys.RevealValue:
		return nav.Send(nav.RevealValue{Path: row.Path})
	case keys.ViewValue:
		return nav.Send(nav.ViewValue{Path: row.Path, Value: row.Value})
	case keys.CopyValue:
		return nav.Send(nav.Copy{Text: model.Text(row.Value), Label: "the value of " + row.Path.String()})
	case keys.CopyPath:
		return nav.Send(nav.Copy{Text: row.Path.String(), Label: "the path " + row.Path.String(), Public: true})
	case keys.CopyAs:
		return nav.Send(nav.CopyAs{Path: row.Path, Value: row.Value, Document: p.document})
	default:
		p.fold(a, row)
		return nil
	}
}

// Within returns the object or array that a new field goes into: the open one under the cursor, otherwise the parent of
// the row. at is the position after the item under the cursor; -1: the end, or not an array.
func (p *Pane) Within() (within model.Path, at int) {
	row, ok := p.selected()
	switch {
	case !ok:
		return nil, -1
	case row.Expandable && row.Expanded:
		return row.Path, -1
	case row.IsElement:
		if index, err := strconv.Atoi(row.Key); err == nil {
			return row.Path.Parent(), index + 1
		}
	}
	return row.Path.Parent(), -1
}

// fold opens and closes parts of the tree.
func (p *Pane) fold(a keys.Action, row model.Row) {
	switch a {
	case keys.Toggle:
		p.tree.Toggle(p.scroll.Selected)
	case keys.Unfold:
		switch {
		case row.Expandable && !row.Expanded:
			p.tree.Toggle(p.scroll.Selected)
		case row.Expandable:
			p.scroll.Select(p.scroll.Selected + 1)
		}
	case keys.Fold:
		if row.Expandable && row.Expanded {
			p.tree.Toggle(p.scroll.Selected)
		} else if up := p.tree.Parent(p.scroll.Selected); up >= 0 {
			p.scroll.Select(up)
		}
	case keys.FoldAll:
		p.tree.CollapseAll()
		p.scroll.Select(max(0, p.tree.ExpandTo(row.Path[:1])))
	case keys.UnfoldAll:
		p.tree.ExpandAll()
		p.fit()
		p.scroll.Reveal(max(0, p.tree.ExpandTo(row.Path)))
	}
	p.fit()
}

func (p *Pane) wheel(m tea.MouseWheelMsg) {
	p.scroll.HandleWheel(m, 3)
	p.uncoverBelow()
	p.scrolled()
}

// click selects a row, and toggles it if it is nested, unless it is an ancestor that stays visible.
func (p *Pane) click(m tea.MouseClickMsg) tea.Cmd {
	if m.Button != tea.MouseLeft || m.Y < 0 || m.Y >= p.scroll.Height || p.scroll.Top+m.Y >= p.scroll.Len {
		return nil
	}
	at := p.rowAt(m.Y)
	isAncestor := at != p.scroll.Top+m.Y
	p.scroll.Select(at)
	p.scrolled()
	if isAncestor {
		return nil
	}
	if row, ok := p.selected(); ok && row.Expandable {
		p.fold(keys.Toggle, row)
	}
	return nil
}

// Selected returns the path under the cursor; nil: none.
func (p *Pane) Selected() model.Path {
	row, _ := p.selected()
	return row.Path
}

// HasMatches reports whether search matches are marked.
func (p *Pane) HasMatches() bool { return p.search.query != "" }

// CapturesKeys reports whether a search text or a value is being typed.
func (p *Pane) CapturesKeys() bool { return p.search.typing || p.input != nil }

// Scope returns the key scope.
func (p *Pane) Scope() keys.Scope {
	if p.input != nil {
		return p.input.Scope()
	}
	if p.search.typing {
		return keys.FindInDocument
	}
	return keys.Document
}

// Title returns the title of the frame.
func (p *Pane) Title() model.Visible { return model.Show("custom data") }

// Position returns the position of the cursor in the tree.
func (p *Pane) Position() model.Visible { return p.scroll.Position() }
