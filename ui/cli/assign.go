package cli

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// assignment is one parsed PATH=VALUE argument. Its value depends on the document.
type assignment struct {
	path   model.Path
	text   string
	json   bool       // PATH:=JSON
	kind   model.Kind // PATH:TYPE=TEXT; "" for the type that the field has
	origin string     // the argument, for error messages
}

// parseAssignment parses PATH=VALUE, PATH:=JSON or PATH:TYPE=TEXT; `\` escapes `.` `:` `=` in the path.
func parseAssignment(arg string) (assignment, error) {
	colon, equals := -1, -1
	for i := 0; i < len(arg) && equals < 0; i++ {
		switch arg[i] {
		case '\\':
			i++
		case ':':
			if colon < 0 {
				colon = i
			}
		case '=':
			equals = i
		}
	}
	a := assignment{origin: arg}
	if equals < 0 {
		return a, model.InvalidInputf(fmt.Sprintf("argument %q", arg), "expected PATH=VALUE, PATH:=JSON or PATH:TYPE=TEXT")
	}
	end := equals
	if colon >= 0 {
		end = colon
		if a.json = colon+1 == equals; !a.json {
			kind, err := model.ParseKind(arg[colon+1 : equals])
			if err != nil {
				return a, argumentFault(arg, err)
			}
			a.kind = kind
		}
	}
	path, err := model.ParsePath(arg[:end])
	if err != nil {
		return a, argumentFault(arg, err)
	}
	a.path, a.text = path, arg[equals+1:]
	return a, nil
}

// value returns the BSON value for a document: an existing field keeps its type; a new field's text is parsed as
// extended JSON, or else is a string.
func (a assignment) value(doc bson.Raw) (bson.RawValue, error) {
	v, err := a.read(doc)
	if err != nil {
		return v, argumentFault(a.origin, err)
	}
	return v, nil
}

func (a assignment) read(doc bson.Raw) (bson.RawValue, error) {
	switch {
	case a.json:
		return model.ParseJSON(a.text)
	case a.kind != "":
		return model.Parse(a.kind, a.text)
	}
	if old, ok := a.path.Lookup(doc); ok {
		v, err := model.Parse(model.KindOf(old), a.text)
		if err != nil {
			return v, fmt.Errorf("%w; the field is of type %s (to change it use PATH:TYPE=TEXT or PATH:=JSON)", err,
				model.KindOf(old))
		}
		return v, nil
	}
	if v, err := model.ParseJSON(strings.TrimSpace(a.text)); err == nil {
		return v, nil
	}
	return model.ValueOf(a.text), nil
}

// argumentFault returns an error about one argument.
func argumentFault(arg string, err error) error {
	return &model.Fault{Kind: model.InvalidInput, Location: fmt.Sprintf("argument %q", arg), Message: err.Error()}
}
