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

// line prints one line; every %s of data has passed model.Show.
func (s *commands) line(format string, args ...any) {
	fmt.Fprintf(s.Out, format+"\n", args...)
}

// json prints a value as JSON on one line. On a terminal, what could mislead it (C1 controls, bidirectional and invisible characters) is escaped.
func (s *commands) json(v any) error {
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

// marshal writes JSON without escaping <, > and &, which are plain in a terminal and in a pipe.
func marshal(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// escape writes every character that model.Show would mark as \uXXXX. JSON has such characters inside strings only.
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

// document is a BSON document as extended JSON inside a larger JSON answer; none is null.
func document(raw bson.Raw) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return value(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw})
}

// value is a BSON value as extended JSON inside a larger JSON answer; an absent one is null.
func value(v bson.RawValue) json.RawMessage {
	if v.IsZero() {
		return json.RawMessage("null")
	}
	return json.RawMessage(model.JSON(v))
}

// shown is a value for people: a string as it is, everything else as extended JSON or text, made safe.
func shown(v bson.RawValue) string {
	switch {
	case v.IsZero():
		return "(none)"
	case v.Type == bson.TypeEmbeddedDocument || v.Type == bson.TypeArray:
		return model.Show(model.JSON(v)).String()
	default:
		return model.Show(model.Text(v)).String()
	}
}

// stamp is a moment in JSON: RFC 3339 in UTC, null when it has not happened.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}
