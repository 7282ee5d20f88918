package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/rules"
)

// maxFile is the largest configuration file read, in bytes.
const maxFile = 4 << 20

// maxDepth is how deep a configuration file may nest.
const maxDepth = 100

// file is one decoded JSON file of the directory. Reading a value of an unexpected type reports a finding and returns
// the zero value.
type file struct {
	r     *reader
	name  string
	value any // bson.D, bson.A, or a plain value
}

// openFile decodes a file; nil when it does not exist, or after reporting why it cannot be decoded.
func (r *reader) openFile(name string) *file {
	text, ok := r.readFile(name, maxFile)
	if !ok {
		return nil
	}
	v, err := parseJSON(text)
	if err != nil {
		r.report(Invalid, name, "", "%v", err)
		return nil
	}
	if key := duplicateKey("", v); key != "" {
		r.report(Invalid, name, key, "duplicate key")
		return nil
	}
	return &file{r: r, name: name, value: v}
}

// readFile returns a file's content; false when it does not exist, or after reporting why it cannot be read.
func (r *reader) readFile(name string, maxBytes int64) ([]byte, bool) {
	info, err := fs.Stat(r.fs, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	if err == nil && !info.Mode().IsRegular() { // reading a pipe or a device may block
		r.report(Invalid, name, "", "is not a regular file")
		return nil, false
	}
	if err == nil && info.Size() > maxBytes {
		r.report(Invalid, name, "", "is too large: %d bytes, at most %d are read", info.Size(), maxBytes)
		return nil, false
	}
	text, err := fs.ReadFile(r.fs, name)
	if err != nil {
		r.report(Invalid, name, "", "cannot be read: %v", err)
		return nil, false
	}
	return text, true
}

// exists reports whether a file or directory exists.
func (r *reader) exists(name string) bool {
	_, err := fs.Stat(r.fs, name)
	return err == nil
}

// listDir returns the entries of a directory by name, without hidden ones; none when it does not exist.
func (r *reader) listDir(dir string) []fs.DirEntry {
	entries, err := fs.ReadDir(r.fs, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.report(Invalid, dir, "", "cannot be read: %v", err)
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
}

// eachFile decodes the JSON files of a directory and reports its other entries.
func (r *reader) eachFile(dir, what string, do func(*file)) {
	for _, e := range r.listDir(dir) {
		name := path.Join(dir, e.Name())
		if e.IsDir() || path.Ext(name) != ".json" {
			r.report(Unsupported, name, "", "is not %s; it has no effect", what)
			continue
		}
		if f := r.openFile(name); f != nil {
			do(f)
		}
	}
}

// baseName is the file's name without directory and extension.
func (f *file) baseName() string { return strings.TrimSuffix(path.Base(f.name), ".json") }

func (f *file) invalid(key, format string, args ...any) {
	f.r.report(Invalid, f.name, key, format, args...)
}
func (f *file) unsupported(key, format string, args ...any) {
	f.r.report(Unsupported, f.name, key, format, args...)
}
func (f *file) suspicious(key, format string, args ...any) {
	f.r.report(Suspicious, f.name, key, format, args...)
}
func (f *file) works(key, format string, args ...any) {
	f.r.report(Works, f.name, key, format, args...)
}

// invalidRules reports an error that begins with a key, as those of package rules do.
func (f *file) invalidRules(err error) {
	if key, text, ok := strings.Cut(err.Error(), ": "); ok {
		f.invalid(key, "%s", text)
		return
	}
	f.invalid("", "%v", err)
}

// ignored reports a key without effect, unless its value is empty.
func (f *file) ignored(key string, v any) {
	if !isEmpty(v) {
		f.unsupported(key, "is not supported; it has no effect")
	}
}

// topLevel returns the file's top level as an object.
func (f *file) topLevel() bson.D {
	d, ok := f.value.(bson.D)
	if !ok {
		f.invalid("", "expected an object at the top level, got %s", rules.DescribeValue(f.value))
	}
	return d
}

// objectValue returns an object; null counts as an empty one.
func (f *file) objectValue(key string, v any) bson.D {
	d, ok := v.(bson.D)
	if !ok && v != nil {
		f.invalid(key, "expected an object, got %s", rules.DescribeValue(v))
	}
	return d
}

func (f *file) stringValue(key string, v any) string {
	s, ok := v.(string)
	if !ok {
		f.invalid(key, "expected a string, got %s", rules.DescribeValue(v))
	}
	return s
}

func (f *file) boolValue(key string, v any) bool {
	b, ok := v.(bool)
	if !ok {
		f.invalid(key, "expected true or false, got %s", rules.DescribeValue(v))
	}
	return b
}

// stringList returns an array of strings; a single string is accepted, and null and "" count as empty.
func (f *file) stringList(key string, v any) []string {
	if list, ok := v.(bson.A); ok {
		out := make([]string, 0, len(list))
		for i, item := range list {
			if s := f.stringValue(fmt.Sprintf("%s[%d]", key, i), item); s != "" {
				out = append(out, s)
			}
		}
		return out
	}
	if v == nil || v == "" {
		return nil
	}
	if s, ok := v.(string); ok {
		return []string{s}
	}
	f.invalid(key, "expected an array of strings, got %s", rules.DescribeValue(v))
	return nil
}

// joinKey appends a key to a path; an empty path or key adds nothing.
func joinKey(at, key string) string {
	if at == "" || key == "" {
		return at + key
	}
	return at + "." + key
}

// parseJSON decodes extended JSON of any form into bson.D, bson.A and plain values.
func parseJSON(text []byte) (any, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var probe any
	if err := json.Unmarshal(text, &probe); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
			return nil, fmt.Errorf("line %d: invalid JSON: %w", line, err)
		}
		return nil, fmt.Errorf("invalid JSON: %w", err)
	}
	if depth(probe) > maxDepth {
		return nil, fmt.Errorf("is nested deeper than %d levels", maxDepth)
	}
	v, err := api.DecodeValue(text)
	if err != nil {
		return nil, fmt.Errorf("invalid extended JSON: %w", err)
	}
	return v, nil
}

// duplicateKey returns the path of a key that occurs twice in an object: readers disagree on which one counts. Empty:
// none.
func duplicateKey(at string, v any) string {
	switch x := v.(type) {
	case bson.D:
		seen := make(map[string]bool, len(x))
		for _, e := range x {
			key := joinKey(at, e.Key)
			if seen[e.Key] {
				return key
			}
			seen[e.Key] = true
			if inner := duplicateKey(key, e.Value); inner != "" {
				return inner
			}
		}
	case bson.A:
		for i, item := range x {
			if inner := duplicateKey(fmt.Sprintf("%s[%d]", at, i), item); inner != "" {
				return inner
			}
		}
	}
	return ""
}

// depth is the nesting depth of a JSON value.
func depth(v any) int {
	deepest := 0
	switch x := v.(type) {
	case []any:
		for _, item := range x {
			deepest = max(deepest, depth(item))
		}
	case map[string]any:
		for _, item := range x {
			deepest = max(deepest, depth(item))
		}
	}
	return deepest + 1
}

// isEmpty reports whether a value is null, false, "", {} or [].
func isEmpty(v any) bool {
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

// encode encodes a decoded object; false after reporting why it cannot be encoded.
func (f *file) encode(key string, d bson.D) (bson.Raw, bool) {
	b, err := bson.Marshal(d)
	if err != nil {
		f.invalid(key, "%v", err)
	}
	return b, err == nil
}

// encodeValue encodes a decoded value.
func (f *file) encodeValue(key string, v any) (bson.RawValue, bool) {
	d, ok := f.encode(key, bson.D{{Key: "v", Value: v}})
	if !ok {
		return bson.RawValue{}, false
	}
	return d.Lookup("v"), true
}
