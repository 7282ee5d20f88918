package edit

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// maxListedItems is the maximal number of changes inside one array that the review lists.
const maxListedItems = 20

// changeRows returns the changes of the draft as rows. Those inside an array that is set as a whole follow a line with
// the array; there are at most maxListedItems of them.
func (r *review) changeRows(width, names int) (rows []reviewLine) {
	var array model.Path // that the last change is inside
	inside := 0
	for i, c := range r.plan.changes {
		if array == nil || !c.Path.Within(array) {
			if inside > maxListedItems {
				rows = append(rows, r.furtherItems(inside-maxListedItems))
			}
			var old, now bson.RawValue
			array, old, now = r.arrayAround(c)
			if inside = 0; array != nil {
				rows = append(rows, reviewLine{r.arrayLine(array, old, now, width), -1})
			}
		}
		if array != nil {
			if inside++; inside > maxListedItems {
				continue
			}
		}
		for _, line := range r.changeText(i, width, names) {
			rows = append(rows, reviewLine{line, i})
		}
	}
	if inside > maxListedItems {
		rows = append(rows, r.furtherItems(inside-maxListedItems))
	}
	return rows
}

func (r *review) furtherItems(n int) reviewLine {
	return reviewLine{"   " + r.e.Styles.Muted.Render(fmt.Sprintf("%s and %d more", r.e.Styles.Glyphs.Ellipsis, n)), -1}
}

// arrayAround returns the outermost array around a change that the draft sets, with its old and its new value; nil:
// there is none.
func (r *review) arrayAround(c model.Change) (array model.Path, old, now bson.RawValue) {
	for _, x := range r.plan.update.Edits {
		if x.Unset || !c.Path.Within(x.Path) {
			continue
		}
		for n := len(x.Path); n < len(c.Path); n++ {
			now, ok := model.LookupIn(x.Value, c.Path[len(x.Path):n])
			if ok && model.KindOf(now) == model.Array {
				old, _ := c.OldPath()[:n].Lookup(r.plan.draft.Base())
				return c.Path[:n:n], old, now
			}
		}
	}
	return nil, old, now
}

// arrayLine returns an array with the numbers of its items.
func (r *review) arrayLine(array model.Path, old, now bson.RawValue, width int) string {
	s := r.e.Styles
	text := string(model.Array)
	if n, before := model.Count(now), model.Count(old); n != before && !old.IsZero() {
		text = fmt.Sprintf("%s %s %s  %s", model.CountText(model.Array, before), s.Glyphs.Arrow,
			model.CountText(model.Array, n), text)
	}
	name := model.Show(array.String()).Clip(max(1, width-6-model.Show(text).Width()))
	return " " + s.Modified.Render(s.Glyphs.Modified) + " " + s.FieldName.Render(name.String()) + "  " +
		s.Muted.Render(model.Show(text).Clip(max(0, width-name.Width()-5)).String())
}

// changeText returns a change as lines: a rename, an array item that was added, removed or moved, or two values.
func (r *review) changeText(i, width, names int) []string {
	c, s := r.plan.changes[i], r.e.Styles
	if to, ok := r.plan.renamed[i]; ok {
		return []string{r.e.renameLine(c.Path, to, c, width)}
	}
	if c.Item == nil {
		return r.e.changeLines(c, width, names)
	}
	sign, signStyle, name, value, note := s.Glyphs.Added, s.Added, c.Path.String(), c.New, ""
	switch c.Kind {
	case model.Removed:
		sign, signStyle, value = s.Glyphs.Removed, s.Removed, c.Old
	case model.Moved:
		sign, signStyle, note = s.Glyphs.Modified, s.Modified, "moved  "
		name = c.From.String() + " " + s.Glyphs.Arrow + " " + name
	}
	path := model.Show(name)
	path = path.Pad(min(max(names, min(path.Width(), width/3)), max(8, width/3)))
	left := width - path.Width() - 5 - len(note)
	kind := model.Show("  " + string(model.KindOf(value)))
	shown := r.e.display(nil, value).Clip(max(1, left-kind.Width()))
	return []string{" " + signStyle.Render(sign) + " " + s.FieldName.Render(path.String()) + "  " +
		s.Muted.Render(note) + valueStyle(s, value).Render(shown.String()) +
		s.FieldType.Render(kind.Clip(max(0, left-shown.Width())).String())}
}
