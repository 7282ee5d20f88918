package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// printLine prints one line. Data in the arguments must be sanitized with model.Show.
func (s *commands) printLine(format string, args ...any) {
	fmt.Fprintf(s.Out, format+"\n", args...)
}

// printJSON prints a value as JSON on one line. On a terminal it escapes C1 controls, bidirectional and invisible
// characters.
func (s *commands) printJSON(v any) error {
	text, err := marshal(v)
	if err != nil {
		return err
	}
	if s.Terminal {
		text = escape(text)
	}
	_, err = fmt.Fprintln(s.Out, text)
	return err
}

// marshal returns JSON without escaping <, > and &, which need it only in HTML.
func marshal(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// escape replaces the characters that model.Show marks by \uXXXX. JSON contains them in strings only.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 || model.Show(string(r)).String() == string(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// jsonDocument returns a document as extended JSON inside JSON output; null for nil.
func jsonDocument(raw bson.Raw) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return jsonValue(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw})
}

// jsonValue returns a value as extended JSON inside JSON output; null for the zero value.
func jsonValue(v bson.RawValue) json.RawMessage {
	if v.IsZero() {
		return json.RawMessage("null")
	}
	return json.RawMessage(model.JSON(v))
}

// displayValue returns a value for text output, sanitized: documents and arrays as extended JSON, others as text.
func displayValue(v bson.RawValue) string {
	switch {
	case v.IsZero():
		return model.AbsentText
	case v.Type == bson.TypeEmbeddedDocument || v.Type == bson.TypeArray:
		return model.Show(model.JSON(v)).String()
	default:
		return model.Show(model.Text(v)).String()
	}
}

// timestamp returns a time for JSON output: RFC 3339 in UTC; nil for the zero time.
func timestamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}
