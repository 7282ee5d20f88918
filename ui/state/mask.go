package state

import (
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// mask stands for a masked value. Its width is fixed, so it says nothing about the value.
const mask = "•••••"

// Message is a text for the screen. While personal data is masked only Masked is shown of it, so a message without
// Masked is masked as a whole.
type Message struct {
	Text   string
	Masked string // replaces Text while personal data is masked; empty: the mask does
}

// Public returns a message without personal data: it is the same while personal data is masked.
func Public(text string) Message { return Message{Text: text, Masked: text} }

// FaultMessage returns a fault; masked, without the reason, which may quote data.
func FaultMessage(f *model.Fault) Message { return Message{Text: f.Error(), Masked: maskFault(f)} }

// maskFault returns a fault without the reason: what was attempted, where, and the kind of the fault. Only the reason
// of an unreachable service is kept: it comes from the network, not from data.
func maskFault(f *model.Fault) string {
	if f.Kind == model.Unreachable {
		return f.Error()
	}
	return (&model.Fault{Op: f.Op, Location: f.Location, Message: string(f.Kind) + ", the reason is masked"}).Error()
}

// Aliases numbers the ids that are shown masked: the same id has the same alias as long as the process runs. It is safe
// for concurrent use.
type Aliases struct {
	mu      sync.Mutex
	numbers map[string]int
}

// NewAliases returns an empty table.
func NewAliases() *Aliases { return &Aliases{numbers: map[string]int{}} }

// alias returns the alias of an id; without a table the mask.
func (a *Aliases) alias(id string) string {
	if a == nil {
		return mask
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n, known := a.numbers[id]
	if !known {
		n = len(a.numbers) + 1
		a.numbers[id] = n
	}
	return fmt.Sprintf("id %d", n)
}

// Shows reports whether the value at a path may be shown: nothing is masked, or this value is revealed.
func (s *State) Shows(p model.Path) bool {
	return !s.Masked || len(s.Revealed) > 0 && p.Within(s.Revealed)
}

// Value returns a value of the document on one line, masked unless Shows allows it. A nil path is never revealed.
func (s *State) Value(p model.Path, v bson.RawValue) model.Visible {
	if s.Shows(p) {
		return model.Show(model.Preview(v))
	}
	return s.MaskedValue(v)
}

// MaskedValue returns a value on one line as it is shown while personal data is masked: objects and arrays as their
// size, ids as aliases, every other value as the mask.
func (s *State) MaskedValue(v bson.RawValue) model.Visible {
	switch model.KindOf(v) {
	case model.Object, model.Array:
		return model.Show(model.Preview(v))
	}
	return model.Show(s.maskScalar(v))
}

func (s *State) maskScalar(v bson.RawValue) string {
	if id, ok := s.idOf(v); ok {
		return s.Aliases.alias(id)
	}
	return mask
}

// idOf returns the id that a value is or contains as text: an ObjectId, a UUID or the user id.
func (s *State) idOf(v bson.RawValue) (string, bool) {
	switch model.KindOf(v) {
	case model.ObjectID, model.UUID:
		return model.Text(v), true
	case model.String:
		const length, end = 4, 1 // of the value's bytes
		if len(v.Value)-length-end > max(maxIDLength, len(s.Account.UserID)) {
			return "", false
		}
		if text, ok := v.StringValueOK(); ok {
			return s.idInText(text)
		}
	}
	return "", false
}

// maxIDLength is the length of the longest id that is recognized by its form, a UUID, in bytes.
const maxIDLength = len("6fa459ea-ee8a-3ca4-894e-db77e160355e")

// idInText returns the id that a text is: an ObjectId or a UUID in its usual form, or the user id.
func (s *State) idInText(text string) (string, bool) {
	for _, kind := range []model.Kind{model.ObjectID, model.UUID} {
		if len(text) > maxIDLength {
			break
		}
		if id, err := model.Parse(kind, text); err == nil {
			return model.Text(id), true
		}
	}
	return text, text != "" && text == s.Account.UserID
}

// JSON returns a value as indented extended JSON, masked unless Shows allows the path.
func (s *State) JSON(p model.Path, v bson.RawValue) string {
	if !s.Shows(p) {
		v = s.MaskedJSON(v)
	}
	return model.IndentJSON(v)
}

// MaskedJSON returns a value with every scalar in it replaced by a string: its type and the mask, or its alias. Field
// names and structure stay. A value that is not valid BSON becomes null.
func (s *State) MaskedJSON(v bson.RawValue) bson.RawValue { return model.ValueOf(s.maskTree(v)) }

func (s *State) maskTree(v bson.RawValue) any {
	switch kind := model.KindOf(v); kind {
	case model.Object:
		fields, err := v.Document().Elements()
		if err != nil {
			return nil
		}
		d := make(bson.D, 0, len(fields))
		for _, f := range fields {
			d = append(d, bson.E{Key: f.Key(), Value: s.maskTree(f.Value())})
		}
		return d
	case model.Array:
		items, err := v.Array().Values()
		if err != nil {
			return nil
		}
		a := make(bson.A, 0, len(items))
		for _, item := range items {
			a = append(a, s.maskTree(item))
		}
		return a
	case model.String, "":
		return s.maskScalar(v)
	default:
		return string(kind) + " " + s.maskScalar(v)
	}
}

// Text returns personal data, masked while masking is on.
func (s *State) Text(raw string) model.Visible {
	if s.Masked {
		raw = mask
	}
	return model.Show(raw)
}

// ClipText is Text(raw).Clip(width), but reads no more of the text than fits.
func (s *State) ClipText(raw string, width int) model.Visible {
	if s.Masked {
		raw = mask
	}
	return model.Clip(raw, width)
}

// ID returns an id; while masking is on, its alias.
func (s *State) ID(id string) model.Visible {
	if s.Masked {
		return model.Show(s.MaskedID(id))
	}
	return model.Show(id)
}

// MaskedID returns the alias of an id.
func (s *State) MaskedID(id string) string { return s.Aliases.alias(s.canonicalID(id)) }

// ReserveAlias gives an id the next alias, unless it has one.
func (s *State) ReserveAlias(id string) { s.Aliases.alias(s.canonicalID(id)) }

// canonicalID returns the id that a text holds; other texts as they are.
func (s *State) canonicalID(id string) string {
	if canonical, ok := s.idInText(id); ok {
		return canonical
	}
	return id
}

// UserName returns the name of the current user; while masking is on, the alias of the user id.
func (s *State) UserName() model.Visible {
	if s.Masked {
		return s.ID(s.Account.UserID)
	}
	return model.Show(s.displayName())
}

// AccountName returns the name of an account; while masking is on, the alias of its user id.
func (s *State) AccountName(a model.Account) model.Visible {
	if s.Masked {
		return s.ID(a.UserID)
	}
	return model.Show(a.DisplayName())
}

// Message returns a message in the form that may be shown.
func (s *State) Message(m Message) model.Visible {
	switch {
	case !s.Masked:
		return model.Show(m.Text)
	case m.Masked == "":
		return model.Show(mask)
	default:
		return model.Show(m.Masked)
	}
}

// FaultText returns a fault in the form that may be shown, see FaultMessage.
func (s *State) FaultText(f *model.Fault) string {
	if s.Masked {
		return maskFault(f)
	}
	return f.Error()
}
