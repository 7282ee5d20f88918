package edit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/request"
	"dossier/ui/state"
)

// side is the choice for one conflicting field.
type side int

const (
	undecided side = iota
	yours
	theirs
	third
	both // of a merged field: both sides made the same change
)

// decision is one conflicting field and the choice for it.
type decision struct {
	model.Conflict
	side  side
	third bson.RawValue
}

// conflict shows three values for each field: base, yours, theirs.
type conflict struct {
	e       *Editor
	stored  *model.Draft        // stays stored until every conflict is resolved
	draft   *model.Draft        // your edits on the current document
	typed   *model.PendingInput // input that was not accepted; nil: none
	list    []decision
	merged  []mergedField // changed on one side only; nil: not compared yet
	cursor  int
	message string
}

// mergedField is a field that one side changed, and the other did not.
type mergedField struct {
	model.Conflict
	side side // that changed it
}

// showConflict shows the conflicts of a draft that is already rebased onto the current document.
func (e *Editor) showConflict(stored, rebased *model.Draft, conflicts []model.Conflict) (*conflict, tea.Cmd) {
	c := &conflict{e: e, stored: stored, draft: rebased}
	for _, x := range conflicts {
		c.list = append(c.list, decision{Conflict: x})
	}
	show := e.show(c)
	return c, tea.Batch(show, request.Start(e.requests, func(context.Context) ([]mergedField, error) {
		return mergedFields(stored, rebased.Base()), nil
	}))
}

// mergedFields returns the fields that either the draft or the database changed: first the draft's.
func mergedFields(d *model.Draft, current bson.Raw) []mergedField {
	merged := []mergedField{}
	conflicts, own := d.Compare(current)
	for _, c := range own {
		f := mergedField{Conflict: c, side: yours}
		if !model.Identical(c.Base, c.Theirs) { // both made the same change
			f.side = both
		}
		merged = append(merged, f)
	}
	if d.Base() == nil || current == nil {
		return merged
	}
	edited := append(conflicts, own...)
	for _, x := range model.Diff(d.Base(), current) {
		overlaps := func(c model.Conflict) bool { return c.Path.Within(x.Path) || x.Path.Within(c.Path) }
		if !slices.ContainsFunc(edited, overlaps) {
			merged = append(merged, mergedField{model.Conflict{Path: x.Path, Base: x.Old, Yours: x.Old, Theirs: x.New}, theirs})
		}
	}
	return merged
}

func (c *conflict) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case request.Response[[]mergedField]:
		if request.Accept(c.e.requests, m) {
			c.merged = m.Value
		}
	case tea.MouseWheelMsg:
		c.move(pane.WheelRows(m, 1))
	}
	return nil
}

func (c *conflict) move(by int) {
	c.message = ""
	c.cursor = min(max(0, c.cursor+by), max(0, len(c.list)+len(c.shownMerged())-1))
}

func (c *conflict) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Up, keys.PageUp:
		c.move(-1)
	case keys.Down, keys.PageDown:
		c.move(1)
	case keys.Top:
		c.move(-len(c.list))
	case keys.Bottom:
		c.move(len(c.list))
	case keys.TakeYours:
		c.decide(yours)
	case keys.TakeTheirs:
		c.decide(theirs)
	case keys.EditField:
		return c.editThird()
	case keys.Accept:
		return c.accept()
	case keys.Cancel:
		return c.e.leave()
	}
	return nil
}

// selectsConflict reports whether there is something to choose for the selected field; a message says why not.
func (c *conflict) selectsConflict() bool {
	if c.cursor < len(c.list) {
		return true
	}
	if i := c.cursor - len(c.list); i < len(c.merged) {
		c.message = c.merged[i].Path.String() + " needs no choice: it was changed on one side only."
	}
	return false
}

// maxMergedShown is the number of merged fields that are shown.
const maxMergedShown = 20

func (c *conflict) shownMerged() []mergedField { return c.merged[:min(len(c.merged), maxMergedShown)] }

// decide sets the choice for the selected field and selects the next undecided one.
func (c *conflict) decide(s side) {
	c.message = ""
	if !c.selectsConflict() {
		return
	}
	c.list[c.cursor].side = s
	for i := range c.list {
		if next := (c.cursor + 1 + i) % len(c.list); c.list[next].side == undecided {
			c.cursor = next
			return
		}
	}
}

// editThird opens a form for a value that is neither yours nor theirs.
func (c *conflict) editThird() tea.Cmd {
	if !c.selectsConflict() {
		return nil
	}
	c.e.draft = c.draft
	field := c.list[c.cursor]
	if reason := c.e.blockedReason(field.Path); reason != "" {
		c.message = reason
		return nil
	}
	f := fieldForm(c.e, field.Path)
	f.notices = nil
	f.back, f.stored = c, c.stored
	f.onAccept = func(x model.Edit) tea.Cmd {
		c.list[c.cursor].third = x.Value
		c.decide(third)
		return c.e.show(c)
	}
	return c.e.show(f)
}

// resume restores stored input: at once if it belongs to a conflicting field, else after the conflicts are resolved.
func (c *conflict) resume(t model.PendingInput) tea.Cmd {
	for i, d := range c.list {
		if t.EditTarget != model.TargetField || t.Path.String() != d.Path.String() {
			continue
		}
		c.cursor = i
		cmd := c.editThird()
		if f, ok := c.e.stage.(*form); ok {
			return tea.Batch(cmd, f.resume(t))
		}
		return cmd
	}
	c.typed = &t
	return nil
}

// maxNamed is the number of fields that a message names.
const maxNamed = 4

// missing names the fields without a choice and selects the first; empty: there is none.
func (c *conflict) missing() string {
	var names []string
	for i, d := range c.list {
		if d.side != undecided {
			continue
		}
		if names = append(names, d.Path.String()); len(names) == 1 {
			c.cursor = i
		}
	}
	if more := len(names) - maxNamed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), more)
	}
	return strings.Join(names, ", ")
}

// accept builds the draft from the choices and reviews it against the current document.
func (c *conflict) accept() tea.Cmd {
	if missing := c.missing(); missing != "" {
		c.message = "Choose a value for " + missing + " first: yours, theirs or a third one (e)."
		return nil
	}
	next, err := replay(c.draft, c.draft.Edits())
	for _, d := range c.list {
		if err != nil {
			break
		}
		switch d.side {
		case theirs:
			next.Revert(d.Path)
		case third:
			err = next.Set(d.Path, d.third)
		}
	}
	if err != nil {
		c.message = c.e.State.FaultText(model.AsFault("", err))
		return nil
	}
	c.e.draft = next
	if t := c.typed; t != nil {
		c.typed = nil
		return c.e.resume(*t)
	}
	if next.Empty() {
		notice := nav.Notify{Text: state.Public("nothing is left to save: the database keeps its values")}
		return tea.Batch(c.e.storeDraft(leftover(next)), nav.Send(notice), nav.Send(nav.Refresh{}), c.e.close())
	}
	return tea.Batch(c.e.storeDraft(next), c.e.review(next))
}

func (c *conflict) capturing() bool   { return false }
func (c *conflict) scope() keys.Scope { return keys.Conflict }
func (c *conflict) title() string     { return "conflict: the document changed meanwhile" }
func (c *conflict) unsaved() bool     { return c.e.storesDraft() }
