package copymenu

import (
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/nav"
)

// part is what is copied.
type part int

// The parts, in the order of the menu.
const (
	value part = iota
	row
	document
	selection
	draft
	partCount
)

// form is how it is copied.
type form int

// The forms, in the order of the menu.
const (
	relaxed form = iota
	canonical
	plain
	shell
	update
	raw // text as it is
	keyName
	fullPath
	formCount
)

// forms are the names of the forms, their letters in the menu are those of keys.CopyMenu.
var forms = [formCount]string{"extended JSON", "canonical extended JSON", "plain JSON", "mongosh literal",
	"updateOne in mongosh", "text as it is", "key", "path"}

// formats are the forms that package model writes.
var formats = map[form]model.Format{relaxed: model.Relaxed, canonical: model.Canonical, plain: model.PlainJSON,
	shell: model.Shell}

// choice is one entry of the menu: a part in a form.
type choice struct {
	part part
	form form
}

// written is a part in a form.
type written struct {
	choice choice
	text   string
	lost   []string // what the form does not represent
}

// source holds what the contents are made of. It is not changed, so it may be read outside the event loop.
type source struct {
	subject nav.CopyAs
	owner   model.Owner
	stored  bson.Raw // the document in the database; nil: not read
	config  model.CustomDataConfig
	kept    *model.Draft // with edits; nil: there is none
}

// paths returns the fields of a part.
func (s source) paths(p part) []model.Path {
	switch p {
	case document:
		return model.EditableFields(s.document(), s.owner)
	case selection:
		return s.subject.Selected
	}
	return []model.Path{s.subject.Path}
}

func object(doc bson.Raw) bson.RawValue {
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}
}

// document returns the document as the rows show it, with the edits of the draft.
func (s source) document() bson.Raw {
	return model.ApplyEdits(object(s.subject.Document), nil, s.subject.Edits).Value
}

// value returns the value of a part. A row is an object with one field.
func (s source) value(p part) bson.RawValue {
	switch p {
	case row:
		return model.ValueOf(bson.D{{Key: s.key(), Value: s.subject.Value}})
	case document:
		return object(s.document())
	case selection:
		return object(model.Extract(s.document(), s.subject.Selected))
	}
	return s.subject.Value
}

// key returns the last key of the selected path.
func (s source) key() string {
	if len(s.subject.Path) == 0 {
		return ""
	}
	return s.subject.Path[len(s.subject.Path)-1]
}

// size returns about how many bytes of BSON a part has.
func (s source) size(p part) int {
	switch p {
	case document, selection, draft:
		return len(s.subject.Document)
	}
	return len(s.subject.Value.Value)
}

// write writes a part in a form.
func (s source) write(c choice) (written, error) {
	w := written{choice: c}
	switch c.form {
	case keyName:
		w.text = s.join(c.part, func(p model.Path) string { return p[len(p)-1] })
	case fullPath:
		w.text = s.join(c.part, model.Path.String)
	case raw:
		w.text = model.Text(s.value(c.part))
	case update:
		call, err := s.update(c.part)
		if err != nil {
			return w, err
		}
		w.text, w.lost = call.ShellCall(s.config.Database, s.config.Collection)
	default:
		w.text, w.lost = formats[c.form].Write(s.value(c.part))
	}
	return w, nil
}

// join returns a text for each field of a part, on lines.
func (s source) join(p part, text func(model.Path) string) string {
	var lines []string
	for _, p := range s.paths(p) {
		if len(p) > 0 {
			lines = append(lines, text(p))
		}
	}
	return strings.Join(lines, "\n")
}

// update returns the call that sets the fields of a part, or saves the draft.
func (s source) update(p part) (model.Update, error) {
	if p == draft {
		return s.kept.Update()
	}
	return model.SetFields(s.document(), s.stored, s.owner, s.paths(p))
}

// available returns the parts of the menu.
func (s source) available() []part {
	parts := []part{value, row, document}
	if len(s.subject.Path) == 0 {
		parts = parts[2:]
	}
	if len(s.subject.Selected) > 0 {
		parts = append(parts, selection)
	}
	if s.kept != nil {
		parts = append(parts, draft)
	}
	return parts
}

// forms returns the forms that a part has.
func (s source) forms(p part) []form {
	list := []form{relaxed, canonical, plain, shell}
	switch {
	case p == draft:
		return []form{update}
	case !s.subject.IsResult && s.config.Complete():
		list = append(list, update)
	}
	if kind := model.KindOf(s.subject.Value); p == value && kind != model.Object && kind != model.Array {
		list = append(list, raw)
	}
	if p == document {
		return list
	}
	return append(list, keyName, fullPath)
}

// describe names a choice in a notice.
func (s source) describe(c choice) string {
	what := [...]string{"the value of " + s.subject.Path.String(), "the row " + s.subject.Path.String(), "the document",
		strconv.Itoa(len(s.subject.Selected)) + " selected fields", "the draft"}[c.part]
	if len(s.subject.Edits) > 0 && (c.part == document || c.part == selection) {
		what += " with the draft"
	}
	switch c.form {
	case keyName:
		return "the key of " + s.subject.Path.String()
	case fullPath:
		return "the path " + s.subject.Path.String()
	case raw:
		return what
	}
	return what + " as " + forms[c.form]
}

// fileName returns a name for a file with a choice: of its last key, without what a shell or a file system treats
// specially.
func (s source) fileName(c choice) string {
	base := [...]string{s.key(), s.key(), "document", "selection", "update"}[c.part]
	const longest = 40
	safe := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, base)
	if safe = safe[:min(len(safe), longest)]; strings.Trim(safe, "_-") == "" {
		safe = "value"
	}
	switch c.form {
	case update, shell:
		return safe + ".js"
	case raw, keyName, fullPath:
		return safe + ".txt"
	}
	return safe + ".json"
}
