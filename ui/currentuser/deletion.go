package currentuser

import (
	"context"

	"dossier/model"
	"dossier/ui/state"
)

// deletion is the response to one of the two steps of a deletion: the document that was read, then the outcome.
type deletion struct {
	read    *model.CheckResult // nil in the second step
	outcome model.WriteResult
}

// PrepareDelete reads the document. Effects.ConfirmDelete then holds it.
func (m *Machine) PrepareDelete() Effects {
	if m.user != nil {
		u := m.user.User
		start(m, m.user.deletion, func(ctx context.Context) (deletion, error) {
			r, err := u.Check(ctx)
			return deletion{read: &r}, err
		})
	}
	return m.effects()
}

// Delete deletes the document that PrepareDelete read, if it was not changed since.
func (m *Machine) Delete(read model.CheckResult) Effects {
	if m.user != nil {
		u := m.user.User
		start(m, m.user.deletion, func(ctx context.Context) (deletion, error) {
			outcome, err := u.DeleteDocument(ctx, read)
			return deletion{outcome: outcome}, err
		})
	}
	return m.effects()
}

// deletionStep takes the response to either step.
func (m *Machine) deletionStep(d deletion, err error) {
	switch {
	case err != nil:
		m.fault(model.AsFault(opDelete, err))
	case d.read == nil:
		m.deleted(d.outcome)
	case d.read.Document == nil:
		m.notify(Notice{Text: state.Public("there is no document to delete"), Toast: Plain, Entry: Plain})
	default:
		if _, err := d.read.Document.Elements(); err != nil {
			m.fault(&model.Fault{Kind: model.Failed, Op: opDelete, Message: "the document is damaged", Err: err})
			return
		}
		m.pending.ConfirmDelete = d.read
	}
}

func (m *Machine) deleted(outcome model.WriteResult) {
	n := Notice{Text: state.Public("the document is deleted"), Toast: Good, Entry: Good}
	switch {
	case outcome.Conflict:
		text := "not deleted: the document was changed after it was read"
		m.notify(Notice{Text: state.Public(text), Toast: Plain, Entry: Plain})
		m.check()
		return
	case outcome.AlreadyDone:
		n = Notice{Text: state.Public("the document was already deleted"), Toast: Plain, Entry: Plain}
	}
	m.notify(n)
	m.refresh(afterDelete{})
}
