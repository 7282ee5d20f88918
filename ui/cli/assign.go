package cli

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

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
// extended JSON if it starts like JSON or a number, or else is a string.
func (a assignment) value(doc bson.Raw, now time.Time) (bson.RawValue, error) {
	v, err := a.read(doc, now)
	if err != nil {
		return v, argumentFault(a.origin, err)
	}
	return v, nil
}

func (a assignment) read(doc bson.Raw, now time.Time) (bson.RawValue, error) {
	old, exists := a.path.Lookup(doc)
	switch {
	case a.json:
		return model.ParseJSONOver(a.text, old)
	case a.kind != "":
		return model.ParseAt(a.kind, a.text, old, now)
	case exists:
		v, err := model.ParseAt(model.KindOf(old), a.text, old, now)
		if err != nil {
			return v, fmt.Errorf("%w; the field is of type %s (to change it use PATH:TYPE=TEXT or PATH:=JSON)", err,
				model.KindOf(old))
		}
		return v, nil
	}
	return a.readNew()
}

// jsonStart matches text that starts like an object, an array, a quoted string or a number.
var jsonStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([{\["]|[-+]?\.?[0-9])`)
})

// readNew returns the value of a new field. Text that starts like JSON but is not valid is an error, not a string: it
// may be a typing error, or a number that no type holds.
func (a assignment) readNew() (bson.RawValue, error) {
	text := strings.TrimSpace(a.text)
	v, err := model.ParseJSON(text)
	switch {
	case err == nil:
		return v, nil
	case jsonStart().MatchString(text):
		return v, fmt.Errorf("%w; the text starts like JSON or a number: to set it as text use %s:string=TEXT%s", err, a.path,
			a.suggestKinds(text))
	}
	return model.ValueOf(a.text), nil
}

// suggestKinds names the types that text which starts with a digit has without being a number.
func (a assignment) suggestKinds(text string) string {
	suggestion := ""
	for _, k := range []model.Kind{model.Date, model.UUID, model.ObjectID, model.Decimal} {
		if _, err := model.Parse(k, text); err == nil {
			suggestion += fmt.Sprintf(", to set a value of type %s use %s:%s=TEXT", k, a.path, k)
		}
	}
	return suggestion
}

// checkOverlaps rejects assignments to one field, or to a field and a field inside it: one of them would be lost.
func checkOverlaps(list []assignment) error {
	for i, a := range list {
		for _, b := range list[:i] {
			switch {
			case a.path.Equal(b.path):
				return argumentFault(a.origin, model.InvalidInputf("", "%s is already set by %q", a.path, b.origin))
			case a.path.Within(b.path) || b.path.Within(a.path):
				return argumentFault(a.origin, model.InvalidInputf("", "%s and %s, which %q sets, contain each other; "+
					"set the outer field only", a.path, b.path, b.origin))
			}
		}
	}
	return nil
}

// argumentFault returns an error about one argument.
func argumentFault(arg string, err error) error {
	return &model.Fault{Kind: model.InvalidInput, Location: fmt.Sprintf("argument %q", arg), Message: err.Error()}
}
