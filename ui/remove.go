package ui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/nav"
	"dossier/ui/overlay"
	"dossier/ui/request"
)

// removal is what became of deleting the document; before the question was answered, what was read for it.
type removal struct {
	read    *model.CheckResult
	outcome model.WriteResult
}

// remove reads the document and asks before it is deleted: what is deleted is what was read.
func (m *Model) remove() tea.Cmd {
	p := m.who.person
	return request.Start(m.who.remove, func(ctx context.Context) (removal, error) {
		r, err := p.Check(ctx)
		return removal{read: &r}, err
	})
}

// removing takes the answers of both steps.
func (m *Model) removing(a request.Response[removal]) tea.Cmd {
	if a.Err != nil {
		return m.report(model.AsFault("delete the document", a.Err))
	}
	if a.Value.read == nil {
		return m.removed(a.Value.outcome)
	}
	r, p := *a.Value.read, m.who.person
	if r.Document == nil {
		m.tell(nav.Notify{Text: model.Show("there is no document to delete")})
		return nil
	}
	elements, err := r.Document.Elements()
	if err != nil {
		return m.report(&model.Fault{Kind: model.Failed, Op: "delete the document", Message: "the document is damaged", Err: err})
	}
	config := m.state.App().CustomData
	fields := "1 field"
	if n := len(elements); n != 1 {
		fields = fmt.Sprintf("%d fields", n)
	}
	text := fmt.Sprintf("deleteOne in %s.%s: the document of %s with %s. This cannot be undone.", config.Database, config.Collection, m.state.Text(m.state.DisplayName()), fields)
	switch {
	case r.Duplicates == 1:
		text += " Another document carries this user id; it counts then."
	case r.Duplicates > 1:
		text += fmt.Sprintf(" %d more documents carry this user id; the next one counts then.", r.Duplicates)
	}
	return m.open(overlay.NewConfirm(m.styles, "delete the document", text, overlay.Option{Text: "keep it"},
		overlay.Option{Text: "delete it", Run: request.Start(m.who.remove, func(ctx context.Context) (removal, error) {
			o, err := p.DeleteDocument(ctx, r)
			return removal{outcome: o}, err
		})}))
}

func (m *Model) removed(o model.WriteResult) tea.Cmd {
	switch {
	case o.Conflict:
		m.tell(nav.Notify{Text: model.Show("nothing was deleted: somebody has changed the document since it was read")})
		return m.look()
	case o.AlreadyDone:
		m.tell(nav.Notify{Text: model.Show("there was no document any more")})
	default:
		m.tell(nav.Notify{Text: model.Show("the document is deleted"), Success: true})
	}
	return m.refresh(afterSave)
}
