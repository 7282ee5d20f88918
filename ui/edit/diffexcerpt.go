package edit

import (
	"fmt"

	"dossier/model"
)

// contextRunes is the length of the common text shown before the first difference, in characters.
const contextRunes = 12

// diffExcerpts shortens two long strings so that the difference is visible: both start shortly before it and show their
// length. Other types are returned unchanged.
func diffExcerpts(old, new model.Visible, c model.Change, width int) (model.Visible, model.Visible) {
	if model.KindOf(c.Old) != model.String || model.KindOf(c.New) != model.String || c.Old.IsZero() || c.New.IsZero() {
		return old, new
	}
	a, b := []rune(c.Old.StringValue()), []rune(c.New.StringValue())
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	excerpt := func(text []rune) model.Visible {
		length := fmt.Sprintf(" (%d characters)", len(text))
		available := max(1, width-len(length)-3)
		from := 0
		if same > available*2/3 {
			from = max(0, same-contextRunes)
		}
		to := min(len(text), from+available*4)
		shown := `"` + string(text[min(from, len(text)):to])
		if from > 0 {
			shown = "…" + shown[1:]
		}
		if to == len(text) {
			shown += `"`
		}
		return model.Show(model.Show(shown).Clip(available+3).String() + length)
	}
	return excerpt(a), excerpt(b)
}
