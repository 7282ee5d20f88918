package edit

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// refusal explains why the task cannot start; to try again would not help.
type refusal struct {
	e      *Editor
	reason string
}

func (e *Editor) refuse(reason string) tea.Cmd { return e.show(&refusal{e: e, reason: reason}) }

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
