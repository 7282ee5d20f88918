package style

import (
	"dossier/model"
)

// ForKind returns the style of a value of a BSON kind; plain text for an unknown kind.
func (s *Styles) ForKind(k model.Kind) Style {
	switch k {
	case model.String, model.Symbol, model.JavaScript, model.CodeWithScope, model.Regex:
		return s.StringValue
	case model.Int, model.Long, model.Double, model.Decimal:
		return s.NumberValue
	case model.Date, model.Timestamp:
		return s.DateValue
	case model.Bool:
		return s.BoolValue
	case model.ObjectID, model.UUID, model.Binary, model.DBPointer:
		return s.IDValue
	case model.Null, model.Undefined, model.MinKey, model.MaxKey:
		return s.NullValue
	case model.Object, model.Array:
		return s.Nesting
	default:
		return s.Text
	}
}
