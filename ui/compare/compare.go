package compare

import (
	"image"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
	"dossier/ui/style"
)

var _ pane.Overlay = (*Overlay)(nil)

// Overlay is the comparison. It sends no requests: the root reads the database and publishes the state.
type Overlay struct {
	keys   keys.Map
	styles *style.Styles
	state  *state.State
	// the refresh count when the check was requested; a higher count means that the token was refreshed meanwhile
	refreshes int
	size      image.Point
	changes   []model.Change
	compared  compared
	wanted    columns
	longest   int // the lines that the longest value needs in the details; 0: the rows show all values whole
	longestAt int // the inner width that longest is of; 0: not measured
	scroll    pane.Scroll
}

// compared holds the differences between a replaced snapshot and a check, so that large documents are compared once.
type compared struct {
	issuedAt time.Time // of the snapshot
	check    *model.CheckResult
	changes  []model.Change
}

// New opens the comparison.
func New(k keys.Map, s *style.Styles, r *state.State) *Overlay {
	o := &Overlay{keys: k, styles: s, state: r, refreshes: r.Session.Refreshes}
	o.setState(r)
	return o
}

// Update handles states, styles and sizes.
func (o *Overlay) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case state.Changed:
		o.setState(m.State)
	case style.Changed:
		o.styles = m.Styles
	case pane.Resized:
		o.size = m.Size
		o.fit()
	case tea.MouseWheelMsg:
		o.scroll.HandleWheel(m, 2)
	case tea.MouseClickMsg:
		if row := m.Y - header; row >= 0 && row/o.rowHeight() < o.scroll.Height {
			o.scroll.Select(o.scroll.Top + row/o.rowHeight())
		}
	}
	return nil
}

// previousSnapshot returns the snapshot that a refresh during the check replaced: what the application held until then;
// nil: none.
func (o *Overlay) previousSnapshot() *model.Snapshot {
	if o.state.Session.Refreshes > o.refreshes {
		return o.state.Session.Previous
	}
	return nil
}

func (o *Overlay) setState(r *state.State) {
	o.state = r
	before := o.changes
	o.changes = nil
	switch previous := o.previousSnapshot(); {
	case r.LastCheck == nil:
	case previous != nil && !previous.TooLarge:
		if c := &o.compared; c.check != r.LastCheck || !c.issuedAt.Equal(previous.IssuedAt) {
			*c = compared{previous.IssuedAt, r.LastCheck, model.DiffSnapshot(previous.CustomData, r.LastCheck.Document)}
		}
		o.changes = o.compared.changes
	case previous != nil:
	default:
		o.changes = r.Outdated
	}
	o.follow(before)
	o.fit()
}

// follow moves the cursor with its field, on the same line, after the list of changes has become another one. Where the
// field is not in the list any more, the cursor goes to the field that followed it, or to the one before.
func (o *Overlay) follow(before []model.Change) {
	at := o.scroll.Selected
	for _, old := range []int{at, at + 1, at - 1} {
		if old < 0 || old >= len(before) {
			continue
		}
		now := slices.IndexFunc(o.changes, func(c model.Change) bool { return c.Path.Equal(before[old].Path) })
		if now >= 0 {
			o.scroll.Selected, o.scroll.Top = now, max(0, o.scroll.Top+now-at)
			return
		}
	}
}

// Handle moves the cursor, checks again, refreshes or closes.
func (o *Overlay) Handle(a keys.Action) tea.Cmd {
	if o.scroll.Move(a) {
		return nil
	}
	switch a {
	case keys.Refresh:
		o.refreshes = o.state.Session.Refreshes
		return nav.Send(nav.Refresh{})
	case keys.CompareTokens:
		o.refreshes = o.state.Session.Refreshes
		o.setState(o.state)
		return nav.Send(nav.Check{})
	case keys.Accept:
		if len(o.changes) > 0 {
			path := o.changes[o.scroll.Selected].PathInOld()
			return tea.Batch(nav.Send(nav.Close{Overlay: o}), nav.Send(nav.GoTo{Path: path}))
		}
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: o})
	}
	return nil
}

func (o *Overlay) fit() {
	o.wanted, o.longestAt = o.wantedColumns(), 0
	o.longest, o.longestAt = o.longestSide(o.size.X), o.size.X
	o.scroll.Resize(len(o.changes), max(1, (o.size.Y-header-o.detailHeight()-o.adviceHeight())/o.rowHeight()))
}

// emptyMessage explains why no field is listed.
func (o *Overlay) emptyMessage() string {
	r := o.state
	switch {
	case r.LastCheck == nil && r.Loading:
		return "reading the database" + o.styles.Glyphs.Ellipsis
	case r.Fault != nil:
		return r.FaultText(r.Fault)
	case r.LastCheck == nil:
		return "the database has not been read yet"
	case o.absentSnapshot():
		return o.absentMessage()
	case o.previousSnapshot() != nil:
		return "No difference: the token was refreshed meanwhile, and the previous snapshot was the same."
	default:
		return "No difference: the snapshot equals the database as read at " + r.FormatTime(r.LastCheck.CheckedAt) + "."
	}
}

// absentSnapshot reports that the token in the comparison omits the document, which is too large for it.
func (o *Overlay) absentSnapshot() bool {
	if previous := o.previousSnapshot(); previous != nil {
		return previous.TooLarge
	}
	return o.state.Session.Snapshot.TooLarge
}

// absentMessage says what each side holds where there are no two documents to compare.
func (o *Overlay) absentMessage() string {
	token := "Nothing to compare: the token has no document, because it is too large for a token. "
	at := o.state.FormatTime(o.state.LastCheck.CheckedAt)
	if o.state.LastCheck.Document == nil {
		return token + "The database had none either at " + at + "."
	}
	return token + "The database held one of " + model.ByteSize(len(o.state.LastCheck.Document)) + " at " + at + "."
}

// Cursor returns nil: there is no text input.
func (o *Overlay) Cursor() *tea.Cursor { return nil }

// CapturesKeys returns false: there is no text input.
func (o *Overlay) CapturesKeys() bool { return false }

// Scope returns the key scope.
func (o *Overlay) Scope() keys.Scope { return keys.Compare }

// Title returns the title of the frame.
func (o *Overlay) Title() model.Visible { return model.Show("compare") }

// Position returns the position of the cursor in the list.
func (o *Overlay) Position() model.Visible { return o.scroll.Position() }

// HasUnsaved returns false: there is no unsaved input.
func (o *Overlay) HasUnsaved() bool { return false }
