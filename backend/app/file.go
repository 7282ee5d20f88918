package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxFile is the largest configuration file read, in bytes.
const maxFile = 4 << 20

// file is one JSON file of the directory, decoded.
type file struct {
	name  string
	value any // bson.D, bson.A, or a plain value
}

// errorf is an error at a key of the file.
func (f *file) errorf(key, format string, args ...any) error {
	return fmt.Errorf("%s: %s: %s", f.name, key, fmt.Sprintf(format, args...))
}

// wrap puts the file's name before an error that begins with a key.
func (f *file) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", f.name, err)
}

// open reads a file; nil without an error where there is none.
func open(fsys fs.FS, name string) (*file, error) {
	info, err := fs.Stat(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > maxFile {
		return nil, fmt.Errorf("%s: has %d bytes, more than %d", name, info.Size(), maxFile)
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", name, err)
	}
	v, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &file{name: name, value: v}, nil
}

// parse reads extended JSON of any kind into bson.D, bson.A and plain values.
func parse(text []byte) (any, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var probe any
	if err := json.Unmarshal(text, &probe); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
			return nil, fmt.Errorf("line %d: is not JSON: %w", line, err)
		}
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	wrapped := append(append([]byte(`{"v":`), text...), '}')
	var d bson.D
	if err := bson.UnmarshalExtJSON(wrapped, false, &d); err != nil || len(d) != 1 {
		return nil, fmt.Errorf("is not extended JSON: %w", err)
	}
	return d[0].Value, nil
}

// object gives the file's top level as an object.
func (f *file) object() (bson.D, error) {
	d, ok := f.value.(bson.D)
	if !ok {
		return nil, fmt.Errorf("%s: wants an object at the top, has %s", f.name, describe(f.value))
	}
	return d, nil
}

func (f *file) text(key string, v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", f.errorf(key, "wants a text, has %s", describe(v))
	}
	return s, nil
}

func (f *file) truth(key string, v any) (bool, error) {
	b, ok := v.(bool)
	if !ok {
		return false, f.errorf(key, "wants true or false, has %s", describe(v))
	}
	return b, nil
}

func describe(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", x)
	case bson.D:
		return "an object"
	case bson.A:
		return "an array"
	}
	return fmt.Sprint(v)
}

// empty tells a value that says nothing: null, false, "", {} or [].
func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case bool:
		return !x
	case string:
		return x == ""
	case bson.D:
		return len(x) == 0
	case bson.A:
		return len(x) == 0
	}
	return false
}

// raw encodes a decoded object again.
func raw(d bson.D) (bson.Raw, error) {
	b, err := bson.Marshal(d)
	return bson.Raw(b), err
}

// rawValue encodes a decoded value of any kind.
func rawValue(v any) (bson.RawValue, error) {
	b, err := bson.Marshal(bson.D{{Key: "v", Value: v}})
	if err != nil {
		return bson.RawValue{}, err
	}
	return bson.Raw(b).Lookup("v"), nil
}
