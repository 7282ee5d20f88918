package document

import (
	"strconv"
	"strings"

	"dossier/model"
)

// maxAnnounced is the number of characters of a value that are said.
const maxAnnounced = 300

// Announcement returns the selected field for a screen reader: path, type, value, how the database differs, position.
func (p *Pane) Announcement() model.Visible {
	if p.jump.typing {
		return p.jumpAnnouncement()
	}
	row, ok := p.selected()
	if !ok {
		return model.Show(strings.Join(p.emptyReason(), " "))
	}
	value := p.state.Value(row.Path, row.Value).Clip(maxAnnounced).String()
	if c := p.content(row); c.value.IsZero() && c.shown.Width() > 0 {
		value = c.shown.String()
	}
	if !p.state.Shows(row.Path) && strings.Trim(value, "•") == "" {
		value = "masked"
	}
	parts := []string{model.Show(row.Path.String()).String(), string(model.KindOf(row.Value)), value}
	switch {
	case row.Expandable && row.Expanded:
		parts = append(parts, "open")
	case row.Expandable:
		parts = append(parts, "folded")
	}
	switch change, outdated := p.outdatedAt(row.Path); {
	case p.addedByDraft(row):
		parts = append(parts, "only in the draft")
	case row.Origin == model.InDatabase:
		parts = append(parts, "only in the database")
	case outdated && change.Kind == model.Removed:
		parts = append(parts, "outdated, not in the database")
	case outdated:
		parts = append(parts, "outdated, database: "+p.state.Value(change.Path, change.New).Clip(maxAnnounced).String())
	case p.outdatedRow(row):
		parts = append(parts, "outdated fields inside")
	}
	if p.draft.marked(row) && !p.addedByDraft(row) {
		parts = append(parts, p.announcedDraft(row))
	}
	parts = append(parts, strconv.Itoa(p.scroll.Selected+1)+" of "+strconv.Itoa(p.scroll.Len))
	if p.search.active() && !p.search.requests.Busy() {
		parts = append(parts, "search: "+p.matchCount())
	}
	if text := p.arrangementText(); text != "" {
		parts = append(parts, strings.ReplaceAll(text, " "+p.styles.Glyphs.Separator+" ", ", "))
	}
	return model.Show(strings.Join(parts, ", "))
}

// jumpAnnouncement returns the path that is typed, and what is wrong with it, or the field that Enter takes.
func (p *Pane) jumpAnnouncement() model.Visible {
	j := &p.jump
	switch {
	case j.fault != "":
		return model.Show("jump to " + j.line.Value() + ": " + j.fault)
	case j.chosen >= 0:
		return model.Show("jump to " + j.list[j.chosen].Path.String() + ", " + strconv.Itoa(j.chosen+1) + " of " +
			strconv.Itoa(len(j.list)))
	default:
		fields := strconv.Itoa(len(j.list)) + " fields"
		if len(j.list) == 1 {
			fields = "1 field"
		}
		return model.Show("jump to " + j.line.Value() + ", " + fields)
	}
}

// addedByDraft reports whether only the draft has a field.
func (p *Pane) addedByDraft(row model.Row) bool {
	c, ok := p.draft.change(row.Path)
	return row.Origin == model.InDraft || ok && c.Kind == model.Added
}

// announcedDraft says what the draft does to a row: the value before it, or where the item was.
func (p *Pane) announcedDraft(row model.Row) string {
	n := p.content(row).notes[0]
	switch {
	case n.label == "":
		return "unsaved change"
	case n.value.IsZero():
		return "unsaved change, " + n.label
	case !p.state.Shows(row.Path):
		return "unsaved change, was masked"
	}
	return "unsaved change, " + n.label + " " + p.state.Value(row.Path, n.value).Clip(maxAnnounced).String()
}
