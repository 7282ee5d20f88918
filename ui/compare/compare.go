package compare

import (
	"fmt"
	"image"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

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
	styles *style.Styles
	state  *state.State
	// the refresh count when the check was requested; a higher count means that the token was refreshed meanwhile
	refreshes int
	size      image.Point
	changes   []model.Change
	compared  compared
	scroll    pane.Scroll
}

// compared holds the differences between a replaced snapshot and a check, so that large documents are compared once.
type compared struct {
	issuedAt time.Time // of the snapshot
	check    *model.CheckResult
	changes  []model.Change
}

// New opens the comparison.
func New(s *style.Styles, r *state.State) *Overlay {
	o := &Overlay{styles: s, state: r, refreshes: r.Session.Refreshes}
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
		if row := m.Y - header; row >= 0 && row < o.scroll.Height {
			o.scroll.Select(o.scroll.Top + row)
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
	o.fit()
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
	case keys.Cancel:
		return nav.Send(nav.Close{Overlay: o})
	}
	return nil
}

// The number of lines above and below the list.
const (
	header = 3
	footer = 4
)

func (o *Overlay) fit() {
	o.scroll.Resize(len(o.changes), max(1, o.size.Y-header-o.detailHeight()))
}

// detailHeight returns the number of lines that describe the selected field.
func (o *Overlay) detailHeight() int {
	if len(o.changes) == 0 || o.size.Y < 12 {
		return 0
	}
	return footer
}

// Size is wide, because it shows two values side by side.
func (o *Overlay) Size(screen image.Point) image.Point {
	return image.Pt(pane.FitWidth(104, screen.X), min(screen.Y, max(14, len(o.changes)+header+footer+2)))
}

// View draws the two times, the fields that differ, and the selected field in detail.
func (o *Overlay) View(size image.Point) string {
	if size.X < 8 || size.Y < 1 {
		return ""
	}
	lines := o.heading(size.X)
	if len(o.changes) == 0 {
		for _, line := range model.Show(o.emptyMessage()).Wrap(size.X - 4) {
			lines = append(lines, "  "+o.styles.Text.Render(line.String()))
		}
		for _, warning := range o.state.Warnings() {
			for _, line := range model.Show(warning).Wrap(size.X - 4) {
				lines = append(lines, "  "+o.styles.Warn.Render(line.String()))
			}
		}
		return pane.Lines(lines, size.Y)
	}
	from, to := o.scroll.VisibleRows()
	for i := from; i < to; i++ {
		lines = append(lines, o.row(o.changes[i], i == o.scroll.Selected, size.X))
	}
	if o.detailHeight() > 0 {
		for len(lines) < size.Y-o.detailHeight() {
			lines = append(lines, "")
		}
		lines = append(lines, o.detail(size.X)...)
	}
	return pane.Lines(lines, size.Y)
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

// columns divides a row: mark and field, the token's value, the database's value.
func columns(width int) (field, value int) {
	available := max(3, width-8)
	field = max(1, min(30, available*30/100))
	return field, max(1, (available-field)/2)
}

func (o *Overlay) heading(width int) []string {
	s, r := o.styles, o.state
	tokenTitle, at := "the token holds", r.FormatTime(r.Staleness.IssuedAt)
	if previous := o.previousSnapshot(); previous != nil {
		tokenTitle, at = "the application had", r.FormatTime(previous.IssuedAt)
	}
	now := "not read"
	if r.LastCheck != nil {
		now = r.FormatTime(r.LastCheck.CheckedAt)
	}
	field, value := columns(width)
	databaseTitle := "the database holds"
	if value < len(databaseTitle) {
		tokenTitle, databaseTitle = "token", "database"
		if o.previousSnapshot() != nil {
			tokenTitle = "before"
		}
	}
	line := func(textStyle style.Style, a, b, c string) string {
		return "   " + textStyle.Render(model.Show(a).Pad(field).String()+"  "+
			model.Show(b).Pad(value).String()+"  "+model.Show(c).Pad(value).String())
	}
	return []string{
		line(s.Strong, "field", tokenTitle, databaseTitle),
		line(s.Muted, changeCount(o.changes), "issued "+at, "read "+now),
		s.Border.Render(strings.Repeat(s.Frame.Top, width)),
	}
}

// changeCount returns a text such as "3 differ".
func changeCount(changes []model.Change) string {
	switch n := len(changes); n {
	case 0:
		return ""
	case 1:
		return "1 differs"
	default:
		return fmt.Sprintf("%d differ", n)
	}
}

func (o *Overlay) row(c model.Change, selected bool, width int) string {
	s := o.styles
	mark, kind := o.kindStyle(c.Kind)
	rowStyle, name, old, now := s.Text, s.FieldName, s.Removed, s.Added
	if selected {
		rowStyle = s.Selected
		name, kind = style.OnRow(rowStyle, name), style.OnRow(rowStyle, kind)
		old, now = style.OnRow(rowStyle, old), style.OnRow(rowStyle, now)
	}
	field, value := columns(width)
	rest := max(0, width-3-field-2*value-4)
	return rowStyle.Render(" ") + kind.Render(mark) + rowStyle.Render(" ") +
		name.Render(model.Show(c.Path.String()).Pad(field).String()) + rowStyle.Render("  ") +
		old.Render(o.sideText(c, c.Old).Pad(value).String()) + rowStyle.Render("  ") +
		now.Render(o.sideText(c, c.New).Pad(value).String()) + rowStyle.Render(strings.Repeat(" ", rest))
}

func (o *Overlay) kindStyle(k model.ChangeKind) (string, style.Style) {
	s := o.styles
	switch k {
	case model.Added:
		return s.Glyphs.Added, s.Added
	case model.Removed:
		return s.Glyphs.Removed, s.Removed
	default:
		return s.Glyphs.Modified, s.Modified
	}
}

// sideText returns one side of a difference, with its type if the type differs.
func (o *Overlay) sideText(c model.Change, v bson.RawValue) model.Visible {
	if v.Type == 0 {
		return model.Show(model.AbsentText)
	}
	shown := o.state.Value(c.Path, v)
	if c.Kind == model.TypeChanged {
		return model.Show(string(model.KindOf(v)) + " " + shown.String())
	}
	return shown
}

// detail describes the selected field.
func (o *Overlay) detail(width int) []string {
	s := o.styles
	c := o.changes[o.scroll.Selected]
	_, kind := o.kindStyle(c.Kind)
	head := model.Show(c.Path.String() + ", " + string(c.Kind)).Clip(max(0, width-4))
	lines := []string{s.Border.Render(s.Frame.Top) + kind.Render(" "+head.String()+" ") +
		s.Border.Render(strings.Repeat(s.Frame.Top, max(0, width-head.Width()-3)))}
	oldLabel := "token"
	if o.previousSnapshot() != nil {
		oldLabel = "before"
	}
	for _, side := range []struct {
		label     string
		value     bson.RawValue
		textStyle style.Style
	}{{oldLabel, c.Old, s.Removed}, {"database", c.New, s.Added}} {
		text := model.AbsentText
		if side.value.Type != 0 {
			text = o.state.Value(c.Path, side.value).String() + "  (" + string(model.KindOf(side.value)) + ")"
		}
		lines = append(lines, " "+s.Muted.Render(model.Show(side.label).Pad(9).String())+" "+
			side.textStyle.Render(model.Show(text).Clip(max(0, width-12)).String()))
	}
	advice := "r refreshes: the token gets the values of the database"
	if o.previousSnapshot() != nil {
		advice = "the token was refreshed meanwhile: the application has the new values now"
	}
	return append(lines, " "+s.Faint.Render(model.Show(advice).Clip(max(0, width-2)).String()))
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
