package edit

import (
	"image"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/keys"
)

// refused says, before anything is typed, why it cannot be done.
type refused struct {
	e   *Editor
	why string
}

func (e *Editor) refuse(why string) tea.Cmd { return e.show(&refused{e: e, why: why}) }

func (r *refused) update(tea.Msg) tea.Cmd { return nil }

func (r *refused) do(a keys.Action) tea.Cmd {
	switch a {
	case keys.Cancel, keys.Accept:
		return r.e.close()
	case keys.Retry:
		return r.e.read()
	}
	return nil
}

func (r *refused) draw(size image.Point) ([]string, *image.Point) {
	lines := []string{""}
	for _, l := range model.Show(r.why).Wrap(max(1, size.X-2)) {
		lines = append(lines, " "+r.e.Styles.Warn.Render(l.String()))
	}
	return lines, nil
}

func (r *refused) rows(width int) int {
	return max(5, len(model.Show(r.why).Wrap(max(1, width-2)))+3)
}
func (r *refused) capturing() bool   { return false }
func (r *refused) scope() keys.Scope { return keys.Reading }
func (r *refused) title() string     { return r.e.task.title() }
func (r *refused) unsaved() bool     { return false }
