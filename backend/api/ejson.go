package api

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// EncodeDocument writes a document as canonical extended JSON, which every SDK reads without loss; nil is an empty
// object. Invalid UTF-8, which JSON cannot represent, becomes replacement characters.
func EncodeDocument(doc bson.Raw) ([]byte, error) {
	if len(doc) == 0 {
		return []byte("{}"), nil
	}
	if text, ok := encodePlain(bson.TypeEmbeddedDocument, doc); ok {
		return text, nil
	}
	text, err := bson.MarshalExtJSON(doc, true, false)
	if err != nil {
		return nil, fmt.Errorf("write a document as extended JSON: %w", err)
	}
	return bytes.ToValidUTF8(text, replacement), nil // the driver writes keys as they are
}

// replacement stands for bytes that are not UTF-8.
var replacement = []byte("\ufffd")

// EncodeRawValue writes a BSON value as canonical extended JSON. The zero value is a function's `undefined`.
func EncodeRawValue(v bson.RawValue) ([]byte, error) {
	if v.Type == 0 {
		return []byte(`{"$undefined":true}`), nil
	}
	if text, ok := encodePlain(v.Type, v.Value); ok {
		return text, nil
	}
	text, err := EncodeValue(v, true)
	if err != nil {
		return nil, fmt.Errorf("write a %s as extended JSON: %w", v.Type, err)
	}
	return text, nil
}

// EncodeValue writes any value that the driver can marshal as extended JSON, canonical or relaxed.
func EncodeValue(v any, canonical bool) ([]byte, error) {
	text, err := bson.MarshalExtJSON(bson.D{{Key: "v", Value: v}}, canonical, false)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSuffix(bytes.TrimPrefix(text, []byte(`{"v":`)), []byte("}"))
	return bytes.ToValidUTF8(text, replacement), nil
}

// DecodeValue reads one canonical or relaxed extended JSON value into bson.D, bson.A and the driver's types. The caller
// checks first that the text is valid JSON and its nesting is limited: the driver's parser is recursive.
func DecodeValue(text []byte) (any, error) {
	var d bson.D
	if err := bson.UnmarshalExtJSON(append(append([]byte(`{"v":`), text...), '}'), false, &d); err != nil {
		return nil, err
	}
	if len(d) != 1 {
		return nil, errors.New("the text is not one value")
	}
	return d[0].Value, nil
}

// RawValue encodes any value that the driver can marshal; nil is null.
func RawValue(v any) (bson.RawValue, error) {
	if v == nil {
		return bson.RawValue{Type: bson.TypeNull}, nil
	}
	kind, data, err := bson.MarshalValue(v)
	return bson.RawValue{Type: kind, Value: data}, err
}

// maxNesting is the maximum depth of a text, a little more than databases accept. The parser is recursive: a body that
// consists of brackets would overflow the stack and end the process.
const maxNesting = 250

// maxValues is the maximum number of values in a text, more than fit into a document. A value may take two bytes of
// text and needs many times as much memory.
const maxValues = 2_000_000

// ParseDocument reads a canonical or relaxed extended JSON object.
func ParseDocument(text []byte) (bson.Raw, error) {
	if doc, ok := parsePlain(text); ok {
		return doc, nil
	}
	switch deeper, more := checkLimits(text); {
	case deeper:
		return nil, fmt.Errorf("read extended JSON: it is nested deeper than %d levels", maxNesting)
	case more:
		return nil, fmt.Errorf("read extended JSON: it holds more than %d values", maxValues)
	}
	var doc bson.Raw
	if err := bson.UnmarshalExtJSON(unwrap(text), false, &doc); err != nil {
		return nil, fmt.Errorf("read extended JSON: %w", err)
	}
	return doc, nil
}

// The Web SDK serializes arguments twice, which wraps the plain numbers inside three types.
var (
	wrappedKey = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`"\$(min|max)Key":\{"\$numberInt":"1"\}`)
	})
	wrappedTime = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`"\$timestamp":\{"t":\{"\$number(?:Int|Long)":"(\d+)"\},` +
			`"i":\{"\$number(?:Int|Long)":"(\d+)"\}\}`)
	})
)

// unwrap makes these numbers plain again. Elsewhere the same text has the same value with a plain number.
func unwrap(text []byte) []byte {
	if bytes.Contains(text, []byte(`Key":{"$number`)) {
		text = wrappedKey().ReplaceAll(text, []byte(`"$$${1}Key":1`))
	}
	if bytes.Contains(text, []byte(`"$timestamp":{"t":{`)) {
		text = wrappedTime().ReplaceAll(text, []byte(`"$$timestamp":{"t":$1,"i":$2}`))
	}
	return text
}

// checkLimits reports whether a text exceeds maxNesting or maxValues. Brackets and commas inside strings do not count.
func checkLimits(text []byte) (deeper, more bool) {
	depth, values, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
		if depth > maxNesting || values > maxValues {
			return depth > maxNesting, values > maxValues
		}
	}
	return false, false
}
