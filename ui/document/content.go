package document

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/style"
)

// content is what a row shows besides its name: the value of the document, or of the draft, and notes about the others.
type content struct {
	mark                 string
	markStyle, textStyle style.Style
	ghost                bool          // the document has no such field
	value                bson.RawValue // zero: the draft removes the field
	shown                model.Visible // replaces the value
	notes                [2]note       // the second one only with a first one
}

// note is another value of a field: the one before the draft, or the one in the database.
type note struct {
	label, short string        // short: where there is little space
	value        bson.RawValue // zero: none
	style        style.Style
}

// content returns what a row shows.
func (p *Pane) content(r model.Row) content {
	s := p.styles
	c := content{mark: " ", markStyle: s.Text, textStyle: s.ForKind(model.KindOf(r.Value)), value: r.Value}
	switch {
	case r.Origin == model.InDatabase:
		c.ghost, c.mark, c.markStyle, c.textStyle = true, s.Glyphs.Added, s.Added, s.Faint
		c.shown = model.Show(model.AbsentText)
		c.notes[0] = note{"now", "now", r.Value, s.Added}
		if p.size.X >= 100 {
			c.notes[0].label = "only in the database:"
		}
	case p.marks.marked(r):
		c.mark, c.markStyle = s.Glyphs.Stale, s.Modified
	}
	if p.draft.marked(r) {
		p.showDraft(r, &c)
	}
	if change, ok := p.marks.at(r.Path); ok && !c.ghost {
		now := note{"now", s.Glyphs.Arrow, change.New, s.NewValue}
		if change.Kind == model.Removed {
			now = note{"now removed", s.Glyphs.Removed, bson.RawValue{}, s.NewValue}
		}
		c.add(now)
	}
	return c
}

// showDraft puts the value of the draft in place of that of the document, which becomes a note.
func (p *Pane) showDraft(r model.Row, c *content) {
	s := p.styles
	c.mark, c.markStyle = s.Glyphs.Draft, s.Draft
	if typed, ok := p.state.Draft.TypedIn(r.Path); ok {
		c.notes[0] = note{"typed", "typed", typed, s.Draft}
	}
	edit, ok := p.state.Draft.EditOf(r.Path)
	if !ok {
		return
	}
	value := edit.NewValue(r.Path)
	switch {
	case r.Origin == model.InDraft:
		c.ghost, c.textStyle = true, s.Draft
		c.value, c.notes[0] = value, note{"added, not saved", "new", bson.RawValue{}, s.Draft}
		return
	case model.Identical(value, r.Value):
		return
	case value.Type == 0:
		c.shown = model.Show("(removed)")
	}
	c.value, c.textStyle, c.ghost = value, s.Draft, false
	if r.Origin != model.InDatabase {
		c.add(note{"was", "was", r.Value, s.Muted})
	}
}

// add adds a note if there is space for one.
func (c *content) add(n note) {
	for i := range c.notes {
		if c.notes[i].label == "" {
			c.notes[i] = n
			return
		}
	}
}

// noteTexts are the texts of the notes of a row. Zero: none.
type noteTexts [2]model.Visible

func (n noteTexts) width() int { return n[0].Width() + n[1].Width() }

// clip cuts the texts to a number of cells in all.
func (n noteTexts) clip(width int) noteTexts {
	first := n[0].Clip(max(0, width))
	return noteTexts{first, n[1].Clip(max(0, width-first.Width()))}
}

// noteTexts returns the notes of a row, short or not, with values of at most width cells.
func (p *Pane) noteTexts(path model.Path, c content, width int, short bool) noteTexts {
	var texts noteTexts
	for i, n := range c.notes {
		if n.label == "" {
			break
		}
		label := n.label
		if short {
			label = n.short
		}
		if n.value.Type != 0 && label != p.styles.Glyphs.Arrow {
			label += " "
		}
		if i > 0 {
			texts[0] = model.Concat(texts[0], model.Show(" "+p.styles.Glyphs.Separator+" "))
		}
		texts[i] = model.Show(label)
		if n.value.Type != 0 {
			texts[i] = model.Concat(texts[i], p.value(path, n.value, width))
		}
	}
	return texts
}
