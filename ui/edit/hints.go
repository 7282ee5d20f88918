package edit

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"dossier/model"
	"dossier/ui/port"
	"dossier/ui/request"
	"dossier/ui/style"
)

// hintList is the hints of the custom data, which are requested once.
type hintList struct {
	requests *request.Runner
	asked    bool
	list     model.Hints
}

// requestHints requests the hints, unless that was done, or would refresh an expired token.
func (e *Editor) requestHints() tea.Cmd {
	h := &e.Current.hints
	user, ok := e.user().(port.WithHints)
	expiresAt := e.State.Session.Snapshot.ExpiresAt
	if !ok || h.asked || !expiresAt.IsZero() && !e.Now.Before(expiresAt) {
		return nil
	}
	h.asked = true
	h.requests = request.New(e.Ctx, e.Timeout)
	return request.Start(h.requests, user.Hints)
}

// take takes the hints. Without an answer there are none: they only help.
func (h *hintList) take(m request.Response[model.Hints]) {
	if h.requests != nil && request.Accept(h.requests, m) {
		h.list = m.Value
	}
}

// hint returns the hint of a field of the draft; false: there is none.
func (e *Editor) hint(p model.Path) (model.Hint, bool) {
	if e.draft == nil || len(p) == 0 {
		return model.Hint{}, false
	}
	return e.Current.hints.list.Of(p, e.draft.Base())
}

// The number of values and types that a hint lists.
const (
	maxChoicesShown = 8
	maxTypesShown   = 3
)

// hintText describes the hint of a field: types, whether it is required, values and rules. Values are data of other
// users or of the schema, so they are not shown while personal data is masked.
func (e *Editor) hintText(h model.Hint) string {
	var parts []string
	types := typeNames(h)
	if len(h.Types) == 1 && h.Sampled > 0 && h.Types[0].Percent == 100 {
		parts = append(parts, fmt.Sprintf("%s in all %d values looked at", h.Types[0].Kind, h.Sampled))
	} else if types != "" && h.Sampled > 0 {
		parts = append(parts, "usually "+types)
	} else if types != "" {
		parts = append(parts, types)
	}
	if h.Required {
		parts = append(parts, "required")
	}
	if len(h.Values) > 0 && !e.State.Masked {
		label := "one of "
		if h.Sampled > 0 {
			label = "often "
		}
		shown := make([]string, 0, maxChoicesShown)
		for _, v := range h.Values[:min(len(h.Values), maxChoicesShown)] {
			shown = append(shown, e.display(nil, v).String())
		}
		if more := len(h.Values) - len(shown); more > 0 {
			shown = append(shown, fmt.Sprintf("and %d more", more))
		}
		parts = append(parts, label+strings.Join(shown, ", ")+e.Keys.Expand(" ({field.next-choice})"))
	}
	if h.Rule != "" && !e.State.Masked {
		parts = append(parts, h.Rule)
	}
	if len(parts) == 0 {
		return ""
	}
	if h.Sampled == 0 {
		return "schema: " + strings.Join(parts, "; ")
	}
	return strings.Join(parts, "; ")
}

// typeNames names the types of a hint, those of a sample with their shares.
func typeNames(h model.Hint) string {
	var names []string
	for _, t := range h.Types[:min(len(h.Types), maxTypesShown)] {
		name := string(t.Kind)
		if h.Sampled > 0 {
			name += fmt.Sprintf(" (%d %%)", t.Percent)
		}
		names = append(names, name)
	}
	if h.Sampled > 0 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names, " or ")
}

// hintLines returns the hint of the field, and a warning where the input differs from it.
func (f *form) hintLines(margin string, width int) (lines []string) {
	h, ok := f.e.hint(f.target())
	if !ok {
		return nil
	}
	s := f.e.Styles
	add := func(text string, how style.Style) {
		for _, l := range model.Show(text).Wrap(width) {
			lines = append(lines, margin+how.Render(l.String()))
		}
	}
	if text := f.e.hintText(h); text != "" {
		add(text, s.Faint)
	}
	if warning := f.hintWarning(h); warning != "" {
		add(warning, s.Warn)
	}
	return lines
}

// hintWarning explains how the input differs from the hint; empty: it does not.
func (f *form) hintWarning(h model.Hint) string {
	switch {
	case !h.Allows(f.input.kind) && h.Sampled == 0:
		return "the schema allows no " + string(f.input.kind) + " here: the service will refuse the save"
	case !h.Allows(f.input.kind):
		return "no other document has the type " + string(f.input.kind) + " here"
	case h.Sampled > 0 || len(h.Values) == 0 || f.validator.pending() || f.validator.fault != nil:
		return ""
	}
	for _, v := range h.Values {
		if model.Identical(v, f.validator.value) {
			return ""
		}
	}
	return "the schema does not allow this value: the service will refuse the save"
}

// choose puts the next value of the hint into the input, or the one before.
func (f *form) choose(by int) tea.Cmd {
	h, ok := f.e.hint(f.target())
	if !ok || len(h.Values) == 0 || !f.e.State.Shows(f.path) || f.e.State.Masked {
		f.message = "there are no values to choose from"
		return nil
	}
	next := 0
	if by < 0 {
		next = len(h.Values) - 1
	}
	for i, v := range h.Values {
		if model.Identical(v, f.validator.value) {
			next = (i + by + len(h.Values)) % len(h.Values)
		}
	}
	f.setInput(model.KindOf(h.Values[next]), f.e.valueText(h.Values[next]))
	f.input.dirty, f.nameFocused = true, false
	return f.validate()
}

// requiredNote names the fields that a schema requires and the draft removes; empty: there is none.
func (e *Editor) requiredNote(edits []model.Edit) string {
	var removed []model.Path
	for _, x := range edits {
		if h, ok := e.hint(x.Path); ok && x.Unset && h.Required {
			removed = append(removed, x.Path)
		}
	}
	if len(removed) == 0 {
		return ""
	}
	return "The schema requires " + pathNames(removed) + ": the service will refuse the save."
}
