package functions

import (
	"image"
	"strconv"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/document"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// resultKey is the name of a result that is not an object, in the tree.
const resultKey = "result"

// resultHeaderRows is the number of rows above the tree.
const resultHeaderRows = 2

// showResult shows the result in the tree: an object with its fields, anything else as one field. isNew: it is another
// result.
func (d *Dialog) showResult(isNew bool) tea.Cmd {
	if d.output.value.IsZero() {
		return nil
	}
	if isNew {
		if d.output.treeOf = d.output.value.Value; model.KindOf(d.output.value) != model.Object {
			d.output.treeOf = model.ValueOf(bson.D{{Key: resultKey, Value: d.output.value}}).Value
		}
		d.output.results++
		d.output.tree = document.New(d.Ctx, d.Keys, d.Styles, d.Now)
		d.output.tree.Update(pane.Focused{On: true})
		d.output.tree.Update(pane.Resized{Size: d.treeSize(pane.Inner(d.Size(d.Screen)))})
	}
	if d.output.tree == nil {
		return nil
	}
	shown := *d.State // the masking of the screen, with the result in place of the custom data
	shown.HasUser, shown.LastCheck, shown.Outdated, shown.Draft, shown.Revealed = true, nil, nil, nil, nil
	shown.Session.Snapshot = model.Snapshot{CustomData: d.output.treeOf}
	shown.Account.ID = resultKey + " " + strconv.Itoa(d.output.results)
	cmd := d.output.tree.Update(state.Changed{State: &shown})
	if isNew && model.KindOf(d.output.value) == model.Array {
		d.output.tree.Handle(keys.Unfold)
	}
	return cmd
}

func (d *Dialog) treeSize(inner image.Point) image.Point {
	return image.Pt(inner.X, max(0, inner.Y-resultHeaderRows))
}

// updateTree hands a message to the tree.
func (d *Dialog) updateTree(msg tea.Msg) tea.Cmd {
	if d.output.tree == nil {
		return nil
	}
	if m, ok := msg.(pane.Resized); ok {
		msg = pane.Resized{Size: d.treeSize(m.Size)}
	}
	return d.output.tree.Update(msg)
}

func (d *Dialog) treeCapturesKeys() bool {
	return d.output.tree != nil && !d.output.value.IsZero() && d.output.tree.CapturesKeys()
}

// Announcement returns the selected row for a screen reader.
func (d *Dialog) Announcement() model.Visible {
	switch {
	case d.step == stepResult && !d.output.value.IsZero():
		return d.output.tree.Announcement()
	case d.step == stepChoose && d.cursor < len(d.picker.matches):
		return model.Show(d.picker.matches[d.cursor] + ", " + strconv.Itoa(d.cursor+1) + " of " +
			strconv.Itoa(len(d.picker.matches)))
	case d.step == stepHistory && d.cursor < len(d.usage.calls):
		c := d.usage.calls[d.cursor]
		return model.Concat(model.Show(c.function+", "), model.Show(d.State.FormatTime(c.at)))
	}
	return model.Visible{}
}

// handleTree runs an action on the result.
func (d *Dialog) handleTree(a keys.Action) tea.Cmd {
	switch {
	case a == keys.EditField, a == keys.Accept:
		d.step = stepArguments
		return nil
	// nothing to clear in the tree
	case a == keys.Cancel && (d.output.value.IsZero() || d.output.tree.Unavailable(a) != ""):
		return nav.Send(nav.Close{Overlay: d})
	case d.output.value.IsZero():
		return nil
	case a == keys.CopyAs, a == keys.ViewValue:
		path := d.output.tree.Selected()
		value, ok := path.Lookup(d.output.treeOf)
		if !ok {
			return nil
		}
		if a == keys.ViewValue { // no path of the document: that one may be revealed
			return nav.Send(nav.ViewValue{Path: append(model.Path{d.name}, path...), Value: value})
		}
		selected := d.output.tree.Chosen()
		if len(selected) == 1 && selected[0].Equal(path) {
			selected = nil // only the cursor is there
		}
		return nav.Send(nav.CopyAs{Path: path, Value: value, Document: d.output.treeOf, Selected: selected, IsResult: true})
	}
	return d.output.tree.Handle(a)
}
