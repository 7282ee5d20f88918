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
	case p.outdatedRow(r):
		c.mark, c.markStyle = s.Glyphs.Stale, s.Modified
	}
	if p.draft.marked(r) {
		p.showDraft(r, &c)
	}
	if change, ok := p.outdatedAt(r.Path); ok && !c.ghost {
		now := note{"now", s.Glyphs.Arrow, change.New, s.NewValue}
		switch change.Kind {
		case model.Removed:
			now = note{"now removed", s.Glyphs.Removed, bson.RawValue{}, s.NewValue}
		case model.Moved:
			to := "now at " + change.Path[len(change.Path)-1]
			now = note{to, to, bson.RawValue{}, s.NewValue}
		}
		c.add(now)
	}
	return c
}

// showDraft shows what the draft does to a row: the row has the draft's value, the one before becomes a note.
func (p *Pane) showDraft(r model.Row, c *content) {
	s, none := p.styles, bson.RawValue{}
	c.mark, c.markStyle = s.Glyphs.Draft, s.Draft
	change, ok := p.draft.change(r.Path)
	if ok && change.Kind != model.Moved {
		c.notes = [2]note{} // of the database
	}
	if typed, ok := p.state.Draft.TypedIn(r.Path); ok {
		c.add(note{"typed", "typed", typed, s.Draft})
	}
	if !ok {
		if e, _ := p.draft.draft.EditOf(r.Path); p.draft.resized[pathKey(r.Path)] != 0 {
			if old, existed := model.LookupIn(e.Old, r.Path[len(e.Path):]); existed {
				c.textStyle = s.Draft
				c.add(note{"was", "was", old, s.Muted})
			}
		}
		return
	}
	exact := change.PathInNew().Equal(r.Path)
	switch change.Kind {
	case model.Added:
		c.ghost, c.textStyle, c.shown, c.value = true, s.Draft, model.Visible{}, r.Value
		added := note{"added, not saved", "new", none, s.Draft}
		if from := p.draft.draft.RenamedFrom(r.Path); from != nil {
			added.label = "renamed from " + from[len(from)-1]
			added.short = added.label
		}
		c.add(added)
	case model.Removed:
		c.value, c.textStyle, c.ghost, c.shown = none, s.Draft, false, model.Show("(removed)")
		c.add(note{"was", "was", r.Value, s.Muted})
		if to := p.draft.draft.RenamedTo(r.Path); to != nil {
			c.shown = model.Show("(renamed to " + to[len(to)-1] + ")")
		}
	case model.Moved:
		text := "moved from " + change.From[len(change.From)-1]
		c.textStyle = s.Draft
		c.add(note{text, text, none, s.Draft})
	default:
		c.value, c.textStyle, c.ghost, c.shown = r.Value, s.Draft, false, model.Visible{}
		if exact && r.Origin != model.InDatabase {
			c.add(note{"was", "was", p.before(change, r.Path), s.Muted})
		}
	}
}

// before returns the value that a row had before the draft: that of the token, if the database has another one.
func (p *Pane) before(change model.Change, at model.Path) bson.RawValue {
	if outdated, ok := p.outdatedAt(at); ok && !outdated.Old.IsZero() {
		return outdated.Old
	}
	return change.Old
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
