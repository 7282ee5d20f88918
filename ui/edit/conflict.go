package edit

import (
	tea "charm.land/bubbletea/v2"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// side is the choice for one conflicting field.
type side int

const (
	undecided side = iota
	yours
	theirs
	third
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
	cursor  int
	message string
}

// newConflict takes a draft that is already rebased onto the current document.
func newConflict(e *Editor, stored, rebased *model.Draft, conflicts []model.Conflict) *conflict {
	c := &conflict{e: e, stored: stored, draft: rebased}
	for _, x := range conflicts {
		c.list = append(c.list, decision{Conflict: x})
	}
	return c
}

func (c *conflict) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.MouseWheelMsg:
		c.move(pane.WheelRows(m, 1))
	}
	return nil
}

func (c *conflict) move(by int) {
	c.message = ""
	c.cursor = min(max(0, c.cursor+by), max(0, len(c.list)-1))
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

// decide sets the choice for the selected field and selects the next undecided one.
func (c *conflict) decide(s side) {
	c.message = ""
	if len(c.list) == 0 {
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
	if len(c.list) == 0 {
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

// accept builds the draft from the choices and reviews it against the current document.
func (c *conflict) accept() tea.Cmd {
	next, err := replay(c.draft, c.draft.Edits())
	for i, d := range c.list {
		if err != nil {
			break
		}
		switch d.side {
		case undecided:
			c.cursor, c.message = i, "Choose a value for "+d.Path.String()+" first: yours, theirs or a third one (e)."
			return nil
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
