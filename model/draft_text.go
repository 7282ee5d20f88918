package model

import (
	"encoding/base64"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// draftMark begins the text of a draft and says its version.
const draftMark = "dossier-draft-1:"

// draftForm is a draft as it is kept: BSON, since JSON cannot carry every document.
type draftForm struct {
	Base   *bson.Raw     `bson:"base"`
	Field  string        `bson:"field"`
	UserID bson.RawValue `bson:"user_id"`
	Edits  []editForm    `bson:"edits"`
	At     time.Time     `bson:"at,omitempty"`
	Typed  *typedForm    `bson:"typed,omitempty"`
}

// typedForm holds texts as bytes: what was typed need not be UTF-8.
type typedForm struct {
	Site string   `bson:"site"`
	Path []string `bson:"path"`
	Name []byte   `bson:"name"`
	Kind string   `bson:"kind"`
	Text []byte   `bson:"text"`
}

type editForm struct {
	Path  []string      `bson:"path"`
	Value bson.RawValue `bson:"value"`
	Unset bool          `bson:"unset"`
}

// MarshalText writes the draft (base, scope, edits, time, what was typed) so that it survives the process; UnmarshalText reads it back.
func (d *Draft) MarshalText() ([]byte, error) {
	form := draftForm{Field: d.owner.UserIDField, UserID: d.owner.UserID, Edits: []editForm{}, At: d.modifiedAt}
	if absent(form.UserID) {
		form.UserID = ValueOf(nil)
	}
	if len(d.base) > 0 {
		form.Base = &d.base
	}
	for _, e := range d.edits {
		f := editForm{Path: e.Path, Value: e.Value, Unset: e.Unset}
		if e.Unset {
			f.Value = ValueOf(nil)
		}
		form.Edits = append(form.Edits, f)
	}
	if t := d.pending; t != nil {
		form.Typed = &typedForm{Site: string(t.EditTarget), Path: t.Path, Name: []byte(t.Name), Kind: string(t.Kind), Text: []byte(t.Text)}
	}
	data, err := bson.Marshal(form)
	if err != nil {
		return nil, err
	}
	return []byte(draftMark + base64.StdEncoding.EncodeToString(data)), nil
}

// UnmarshalText reads what MarshalText wrote and refuses anything else.
func (d *Draft) UnmarshalText(text []byte) error {
	encoded, ok := strings.CutPrefix(string(text), draftMark)
	if !ok {
		return InvalidInputf("", "this is no draft of dossier's, or one of another version")
	}
	data, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return InvalidInputf("", "the draft is damaged: it is not base64")
	}
	if err := bson.Raw(data).Validate(); err != nil {
		return InvalidInputf("", "the draft is damaged: %v", err)
	}
	var form draftForm
	if err := bson.Unmarshal(data, &form); err != nil {
		return InvalidInputf("", "the draft is damaged: %v", err)
	}
	read := Draft{owner: Owner{UserIDField: form.Field}, modifiedAt: form.At}
	if form.UserID.Type != bson.TypeNull {
		read.owner.UserID = form.UserID
	}
	if form.Base != nil {
		read.base = *form.Base
	}
	for _, f := range form.Edits {
		e := Edit{Path: f.Path, Value: f.Value, Unset: f.Unset}
		if e.Unset {
			e.Value = bson.RawValue{}
		}
		if err := read.protected(e.Path); err != nil {
			return InvalidInputf("", "the draft is damaged: %v", err)
		}
		for _, known := range read.edits {
			if e.Path.Within(known.Path) || known.Path.Within(e.Path) {
				return InvalidInputf("", "the draft is damaged: it changes %s and %s", known.Path, e.Path)
			}
		}
		read.edits = append(read.edits, e)
	}
	if t := form.Typed; t != nil {
		read.pending = &PendingInput{EditTarget: EditTarget(t.Site), Path: t.Path, Name: string(t.Name), Kind: Kind(t.Kind), Text: string(t.Text)}
	}
	*d = read
	return nil
}
