package model

import (
	"bytes"
	"encoding/base64"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// draftPrefix starts the text of a draft and holds the format version.
const draftPrefix = "dossier-draft-1:"

// storedDraft is the stored form of a Draft. It is BSON because extended JSON cannot represent every document.
type storedDraft struct {
	Base       *bson.Raw     `bson:"base"`
	Field      string        `bson:"field"`
	UserID     bson.RawValue `bson:"user_id"`
	Edits      []storedEdit  `bson:"edits"`
	ModifiedAt time.Time     `bson:"at,omitempty"`
	Pending    *storedInput  `bson:"typed,omitempty"`  // the newest input
	Older      []storedInput `bson:"inputs,omitempty"` // the other inputs
}

// storedInput is the stored form of a PendingInput. Texts are bytes because the input need not be valid UTF-8.
type storedInput struct {
	EditTarget string    `bson:"site"`
	Path       []string  `bson:"path"`
	Name       []byte    `bson:"name"`
	Kind       string    `bson:"kind"`
	Text       []byte    `bson:"text"`
	Base       *bson.Raw `bson:"base,omitempty"`
}

type storedEdit struct {
	Path  []string      `bson:"path"`
	Value bson.RawValue `bson:"value"`
	Unset bool          `bson:"unset"`
}

// MarshalText encodes the draft: base, owner, edits, time of modification and pending input. UnmarshalText is its
// inverse.
func (d *Draft) MarshalText() ([]byte, error) {
	form := storedDraft{Field: d.owner.UserIDField, UserID: d.owner.UserID, Edits: []storedEdit{},
		ModifiedAt: d.modifiedAt}
	if isAbsent(form.UserID) {
		form.UserID = ValueOf(nil)
	}
	if len(d.base) > 0 {
		form.Base = &d.base
	}
	for _, e := range d.edits {
		f := storedEdit{Path: e.Path, Value: e.Value, Unset: e.Unset}
		if e.Unset {
			f.Value = ValueOf(nil)
		}
		form.Edits = append(form.Edits, f)
	}
	for i, p := range d.pending {
		if t := storeInput(p); i == len(d.pending)-1 {
			form.Pending = &t
		} else {
			form.Older = append(form.Older, t)
		}
	}
	data, err := bson.Marshal(form)
	if err != nil {
		return nil, err
	}
	text := make([]byte, 0, len(draftPrefix)+base64.StdEncoding.EncodedLen(len(data)))
	return base64.StdEncoding.AppendEncode(append(text, draftPrefix...), data), nil
}

// UnmarshalText decodes the output of MarshalText. On an error d is unchanged.
func (d *Draft) UnmarshalText(text []byte) error {
	encoded, ok := bytes.CutPrefix(text, []byte(draftPrefix))
	if !ok {
		return InvalidInputf("", "this is not a draft, or it was written by another version of dossier")
	}
	data, err := base64.StdEncoding.Strict().AppendDecode(nil, encoded)
	if err != nil {
		return InvalidInputf("", "the draft is damaged: it is not base64")
	}
	if err := bson.Raw(data).Validate(); err != nil {
		return InvalidInputf("", "the draft is damaged: %v", err)
	}
	var form storedDraft
	if err := bson.Unmarshal(data, &form); err != nil {
		return InvalidInputf("", "the draft is damaged: %v", err)
	}
	read := Draft{owner: Owner{UserIDField: form.Field}, modifiedAt: form.ModifiedAt}
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
		if err := read.CheckProtected(e.Path); err != nil {
			return InvalidInputf("", "the draft is damaged: %v", err)
		}
		for _, known := range read.edits {
			if e.Path.Within(known.Path) || known.Path.Within(e.Path) {
				return InvalidInputf("", "the draft is damaged: it edits both %s and %s", known.Path, e.Path)
			}
		}
		read.edits = append(read.edits, e)
	}
	for _, t := range form.Older {
		read.pending = append(read.pending, t.input())
	}
	if form.Pending != nil {
		read.pending = append(read.pending, form.Pending.input())
	}
	*d = read
	return nil
}

func storeInput(p PendingInput) storedInput {
	t := storedInput{EditTarget: string(p.EditTarget), Path: p.Path, Name: []byte(p.Name), Kind: string(p.Kind),
		Text: []byte(p.Text)}
	if len(p.Base) > 0 {
		t.Base = &p.Base
	}
	return t
}

func (t storedInput) input() PendingInput {
	p := PendingInput{EditTarget: EditTarget(t.EditTarget), Path: t.Path, Name: string(t.Name), Kind: Kind(t.Kind),
		Text: string(t.Text)}
	if t.Base != nil {
		p.Base = *t.Base
	}
	return p
}
