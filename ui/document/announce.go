package document

import (
	"strconv"
	"strings"

	"dossier/model"
)

// maxSpoken is the number of characters of a value that are said.
const maxSpoken = 300

// Announcement returns the selected field for a screen reader: path, type, value, how the database differs, position.
func (p *Pane) Announcement() model.Visible {
	if p.jump.typing {
		return p.jumpAnnouncement()
	}
	row, ok := p.selected()
	if !ok {
		return model.Show(strings.Join(p.emptyReason(), " "))
	}
	value := p.state.Value(row.Path, row.Value).Clip(maxSpoken).String()
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
	switch change, outdated := p.state.OutdatedField(row.Path); {
	case row.Origin == model.InDraft:
		parts = append(parts, "only in the draft")
	case row.Origin != model.InDocument:
		parts = append(parts, "only in the database")
	case outdated && change.Kind == model.Removed:
		parts = append(parts, "outdated, not in the database")
	case outdated:
		parts = append(parts, "outdated, database: "+p.state.Value(change.Path, change.New).Clip(maxSpoken).String())
	case p.marks.marked(row):
		parts = append(parts, "outdated fields inside")
	}
	if p.draft.marked(row) && row.Origin != model.InDraft {
		parts = append(parts, "unsaved change")
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
		return model.Show("jump to " + j.line.Value() + ", " + strconv.Itoa(len(j.list)) + " fields")
	}
}
