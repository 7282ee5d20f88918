package edit

import (
	"slices"

	"dossier/model"
)

// renameLine returns a renamed field as a line.
func (e *Editor) renameLine(from, to model.Path, c model.Change, width int) string {
	s := e.Styles
	name := model.Show(from.String() + " " + s.Glyphs.Arrow + " " + to.String()).Clip(max(8, width-4))
	value := e.display(nil, c.Old).Clip(max(0, width-name.Width()-18))
	return " " + s.Modified.Render(s.Glyphs.Modified) + " " + s.FieldName.Render(name.String()) + "  " +
		s.Muted.Render("renamed") + "  " + valueStyle(s, c.Old).Render(value.String())
}

// orderNotes says what happens to the positions of renamed fields.
func (r *review) orderNotes() []string {
	var notes []string
	for i, c := range r.plan.changes {
		to, ok := r.plan.renamed[i]
		if !ok {
			continue
		}
		whole := slices.ContainsFunc(r.plan.update.Edits, func(x model.Edit) bool {
			return !x.Unset && len(x.Path) < len(to) && to.Within(x.Path)
		})
		switch {
		case r.plan.update.Upsert:
		case whole:
			notes = append(notes, to.String()+" keeps its position: "+c.Path.Parent().String()+" is set as a whole.")
		case len(to) == 1:
			notes = append(notes, to.String()+" moves to the end of the document.")
		default:
			notes = append(notes, to.String()+" moves to the end of "+to.Parent().String()+".")
		}
	}
	return notes
}

// revert takes a change out of a draft: inside an object that is set as a whole only this change, otherwise the edits
// of the field.
func (r *review) revert(d *model.Draft, i int) {
	c := r.plan.changes[i]
	if to, ok := r.plan.renamed[i]; ok {
		if _, err := d.Rename(to, c.Path[len(c.Path)-1]); err == nil {
			return
		}
	}
	if c.Kind == model.Reordered && d.RevertChange(c) == nil {
		return
	}
	for _, x := range d.Edits() {
		switch {
		case x.Path.Within(c.Path):
			d.Revert(x.Path)
		case c.Path.Within(x.Path):
			d.Revert(c.PathInNew())
		}
	}
}
