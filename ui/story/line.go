package story

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/keys"
	"dossier/ui/state"
)

// Line returns the narration as three parts; the second one is the key to press, which may be empty. Values are masked
// while personal data is.
func (n *Narrator) Line(s *state.State) (before, key, after model.Visible) {
	text, named := "", keys.Action("")
	switch {
	case n.background.waits:
		text, named = "the story waits, the app goes on: {key} continues the story", keys.Story
	case n.line != nil:
		text, named = n.line.text, n.line.key
	}
	head, tail, found := strings.Cut(text, "{key}")
	if found {
		key = model.Show(n.keyOf(named))
	}
	return n.fill(head, s), key, n.fill(tail, s)
}

// fill replaces the names in a text by fields and values.
func (n *Narrator) fill(text string, s *state.State) model.Visible {
	var parts []model.Visible
	for text != "" {
		plain, rest, found := strings.Cut(text, "{")
		parts = append(parts, model.Show(plain))
		if !found {
			break
		}
		name, tail, _ := strings.Cut(rest, "}")
		text = tail
		switch name {
		case "field":
			parts = append(parts, model.Show(n.about().field))
		case "edited":
			parts = append(parts, model.Show(n.about().edited))
		case "old":
			parts = append(parts, n.shownValue(s, n.field(), n.values.old))
		case "new":
			parts = append(parts, n.shownValue(s, n.field(), n.values.new))
		case "theirs":
			parts = append(parts, n.shownValue(s, n.edited(), n.values.theirs))
		}
	}
	return model.Concat(parts...)
}

func (n *Narrator) shownValue(s *state.State, p model.Path, v bson.RawValue) model.Visible {
	if v.IsZero() {
		return model.Show("no value")
	}
	return s.Value(p, v).Clip(valueWidth)
}

// keyOf returns the name of the key that an action is bound to.
func (n *Narrator) keyOf(a keys.Action) string {
	for _, scope := range []keys.Scope{keys.Document, keys.Everywhere, keys.Review, keys.Dialog} {
		for _, e := range n.keys {
			if e.Action == a && e.Scope == scope && (scope != keys.Document || a != keys.Cancel) {
				return e.Binding.Help().Key
			}
		}
	}
	return ""
}
