package edit

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/nav"
	"dossier/ui/state"
)

// refusal explains why the task cannot start; to try again would not help.
type refusal struct {
	e      *Editor
	reason string
}

// refuse shows the reason: for an input in a row as a notice, before anything is typed.
func (e *Editor) refuse(reason string) tea.Cmd {
	e.show(&refusal{e: e, reason: reason})
	if e.inRow {
		return tea.Batch(nav.Send(nav.Notify{Text: state.Public(reason)}), e.close())
	}
	return nil
}

func (r *refusal) update(tea.Msg) tea.Cmd { return nil }

func (r *refusal) do(a keys.Action) tea.Cmd {
	if a == keys.Cancel || a == keys.Accept {
		return r.e.close()
	}
	return nil
}

func (r *refusal) draw(size image.Point) ([]string, *image.Point) {
	lines := []string{""}
	for _, l := range model.Show(r.reason).Wrap(max(1, size.X-2)) {
		lines = append(lines, " "+r.e.Styles.Warn.Render(l.String()))
	}
	return lines, nil
}

func (r *refusal) rows(width int) int {
	return max(5, len(model.Show(r.reason).Wrap(max(1, width-2)))+3)
}
func (r *refusal) capturing() bool   { return false }
func (r *refusal) scope() keys.Scope { return keys.Refusal }
func (r *refusal) title() string     { return r.e.task.title() }
func (r *refusal) unsaved() bool     { return false }
