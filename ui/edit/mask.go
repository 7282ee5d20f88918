package edit

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

// maskUpdate returns an update with its values masked, for display only: field names, operators and structure stay.
func maskUpdate(s *state.State, u model.Update) model.Update {
	return model.Update{Filter: maskFilter(s, u.Filter), Update: s.MaskedJSON(u.Update), Upsert: u.Upsert}
}

// maskFilter masks a filter. The types and the absence of fields that it tests stay.
func maskFilter(s *state.State, filter bson.Raw) bson.Raw {
	conditions, err := filter.Elements()
	if err != nil {
		return nil
	}
	masked := bson.D{}
	for _, c := range conditions {
		shown := s.MaskedJSON(c.Value())
		if operators, ok := c.Value().DocumentOK(); ok && isGuard(operators) {
			shown = maskGuard(s, operators)
		}
		masked = append(masked, bson.E{Key: c.Key(), Value: shown})
	}
	raw, _ := model.ValueOf(masked).DocumentOK()
	return raw
}

// isGuard reports whether an object is the condition of a field: all its keys are operators.
func isGuard(operators bson.Raw) bool {
	elements, err := operators.Elements()
	for _, o := range elements {
		switch o.Key() {
		case "$eq", "$type", "$exists", "$not":
		default:
			return false
		}
	}
	return err == nil
}

// maskGuard masks the condition of a field.
func maskGuard(s *state.State, operators bson.Raw) bson.RawValue {
	elements, _ := operators.Elements()
	masked := bson.D{}
	for _, o := range elements {
		shown := s.MaskedJSON(o.Value())
		switch o.Key() {
		case "$type", "$exists":
			shown = o.Value()
		case "$not":
			if inner, ok := o.Value().DocumentOK(); ok && isGuard(inner) {
				shown = maskGuard(s, inner)
			}
		}
		masked = append(masked, bson.E{Key: o.Key(), Value: shown})
	}
	return model.ValueOf(masked)
}
