package activity

import (
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

const (
	maxDetails    = 50  // changed fields listed below an entry
	maxValueWidth = 200 // of a value in a Detail, in characters
)

// Detail is one line below an entry, such as a field's old and new value.
type Detail struct {
	Field  string
	Change state.Message // the old and the new value; zero: only Field is shown
}

// Details lists the first changes. arrow is between the old and the new value.
func Details(changes []model.Change, s *state.State, arrow string) []Detail {
	var list []Detail
	for i, c := range changes {
		if i == maxDetails {
			return append(list, Detail{Field: fmt.Sprintf("and %d more fields", len(changes)-i)})
		}
		list = append(list, DetailOf(c, s, arrow))
	}
	return list
}

// DetailOf returns a change with its values, and masked.
func DetailOf(c model.Change, s *state.State, arrow string) Detail {
	if c.Kind == model.Moved {
		return Detail{Field: c.Path.String(), Change: state.Public("moved from " + c.From.String())}
	}
	line := func(text func(bson.RawValue) string) string {
		value := func(v bson.RawValue) string {
			switch {
			case v.Type == 0:
				return model.AbsentText
			case c.Kind == model.TypeChanged && model.KindOf(v) != model.Null: // null is its own type
				return cut(string(model.KindOf(v)) + " " + text(v))
			default:
				return cut(text(v))
			}
		}
		return value(c.Old) + " " + arrow + " " + value(c.New)
	}
	masked := func(v bson.RawValue) string { return s.MaskedValue(v).String() }
	return Detail{Field: c.Path.String(), Change: state.Message{Text: line(model.Preview), Masked: line(masked)}}
}

// cut limits a text that is not escaped yet: the message that contains it is escaped as a whole.
func cut(text string) string {
	if characters := []rune(text); len(characters) > maxValueWidth {
		return string(characters[:maxValueWidth-1]) + "…"
	}
	return text
}
