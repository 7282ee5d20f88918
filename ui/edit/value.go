package edit

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
	"dossier/ui/style"
)

// maxInlineBytes is the maximal size of an object or array that is shown in full on one line, in bytes; a larger one
// shows its number of fields.
const maxInlineBytes = 240

// display returns a value as one line, masked if necessary. A nil path is never revealed.
func (e *Editor) display(p model.Path, v bson.RawValue) model.Visible {
	if v.IsZero() {
		return model.Show(model.AbsentText)
	}
	shown := e.State.Value(p, v)
	if !e.State.Shows(p) {
		return shown
	}
	switch k := model.KindOf(v); {
	case k == model.String:
		return model.Concat(model.Show(`"`), shown, model.Show(`"`))
	case isNested(k) && len(v.Value) <= maxInlineBytes:
		return model.Show(model.JSON(v))
	}
	return shown
}

// valueStyle returns the style of a value, in the colours of the document pane.
func valueStyle(s *style.Styles, v bson.RawValue) style.Style {
	if v.IsZero() {
		return s.Faint
	}
	return s.ForKind(model.KindOf(v))
}

// changeLines returns a change as lines of at most width cells: one line if it fits, else two. The path is padded to
// names cells; 0: no padding.
func (e *Editor) changeLines(c model.Change, width, names int) []string {
	s := e.Styles
	path := model.Show(c.Path.String())
	name := path.Pad(min(max(names, min(path.Width(), width/3)), max(8, width/3)))
	sign, signStyle := s.Glyphs.Modified, s.Modified
	switch c.Kind {
	case model.Added:
		sign, signStyle = s.Glyphs.Added, s.Added
	case model.Removed:
		sign, signStyle = s.Glyphs.Removed, s.Removed
	}
	prefix := " " + signStyle.Render(sign) + " " + s.FieldName.Render(name.String()) + "  "
	rest := width - name.Width() - 5
	old, new, kind := e.display(nil, c.Old), e.display(nil, c.New), typeNote(c)
	if c.Kind == model.Reordered {
		kind = string(c.Kind)
		if !e.State.Masked {
			old, new = model.Show(strings.Join(model.Keys(c.Old), ", ")), model.Show(strings.Join(model.Keys(c.New), ", "))
		}
	}
	arrow := " " + s.Glyphs.Arrow + " "
	tail := ""
	if kind != "" {
		tail = "  " + e.typeStyle(c).Render(kind)
	}
	if old.Width()+new.Width()+ansi.StringWidthWc(arrow)+ansi.StringWidthWc(tail) <= rest {
		return []string{prefix + valueStyle(s, c.Old).Render(old.String()) + s.Muted.Render(arrow) +
			valueStyle(s,
				c.New).Render(new.String()) + tail}
	}
	if !e.State.Masked {
		old, new = diffExcerpts(old, new, c, max(1, rest-ansi.StringWidthWc(tail)))
	}
	indent := strings.Repeat(" ", ansi.StringWidthWc(prefix)-2) + s.Muted.Render(s.Glyphs.Arrow) + " "
	return []string{
		prefix + valueStyle(s, c.Old).Render(old.Clip(max(1, rest)).String()),
		indent + valueStyle(s, c.New).Render(new.Clip(max(1, rest-ansi.StringWidthWc(tail))).String()) + tail,
	}
}

// typeStyle returns the style of a change's type note: a warning if the type changes.
func (e *Editor) typeStyle(c model.Change) style.Style {
	if c.Kind == model.TypeChanged {
		return e.Styles.Warn
	}
	return e.Styles.FieldType
}

// typeNote names the type of the new value, and the old type if it differs.
func typeNote(c model.Change) string {
	switch {
	case c.New.IsZero():
		return ""
	case !c.Old.IsZero() && model.KindOf(c.Old) != model.KindOf(c.New):
		return fmt.Sprintf("type changes from %s to %s", model.KindOf(c.Old), model.KindOf(c.New))
	}
	return string(model.KindOf(c.New))
}

// faultLines returns a fault as wrapped lines.
func (e *Editor) faultLines(f *model.Fault, width int) []string {
	s := e.Styles
	withoutAdvice := *f
	withoutAdvice.Advice = ""
	var lines []string
	for _, l := range model.Show(e.State.FaultText(&withoutAdvice)).Wrap(max(1, width-4)) {
		lines = append(lines, "   "+s.Bad.Render(l.String()))
	}
	if len(lines) > 0 {
		lines[0] = " " + s.Bad.Render(s.Glyphs.Bad) + " " + strings.TrimPrefix(lines[0], "   ")
	}
	if e.State.Masked {
		return lines
	}
	for _, l := range model.Show(f.Advice).Wrap(max(1, width-4)) {
		if l.Width() > 0 {
			lines = append(lines, "   "+s.Muted.Render(l.String()))
		}
	}
	return lines
}

// describeDate formats a date in the user's time zone, with the time from or until now.
func describeDate(t, now time.Time) string {
	local := t.In(now.Location())
	return "= " + local.Format("Mon 2 Jan 2006 15:04:05 MST") + ", " + state.Ago(t, now)
}

// describeRelativeDate formats the date that a text relative to now becomes, in the user's time zone and in UTC.
func describeRelativeDate(text string, now time.Time) string {
	v, err := model.ParseAt(model.Date, text, bson.RawValue{}, now)
	if err != nil {
		return err.Error()
	}
	local := v.Time().In(now.Location())
	return "= " + local.Format("Mon 2 Jan 2006 15:04:05 MST") + ", stored as " +
		v.Time().UTC().Format("2006-01-02T15:04:05.000Z")
}
