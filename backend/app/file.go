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

	"dossier/backend/api"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// maxFile is the largest configuration file read, in bytes.
const maxFile = 4 << 20

// maxDepth is how deep a configuration file may nest.
const maxDepth = 100

// file is one JSON file of the directory, decoded. What is read from it in another form than it has is recorded as wrong
// and comes back empty.
type file struct {
	r     *reader
	name  string
	value any // bson.D, bson.A, or a plain value
}

// open reads a file; nil where there is none, or where it does not read: then that is recorded.
func (r *reader) open(name string) *file {
	text, ok := r.read(name, maxFile)
	if !ok {
		return nil
	}
	v, err := parse(text)
	if err != nil {
		r.say(Invalid, name, "", "%v", err)
		return nil
	}
	if key := repeated("", v); key != "" {
		r.say(Invalid, name, key, "is there twice")
		return nil
	}
	return &file{r: r, name: name, value: v}
}

// read gives a file's bytes; false where there is none, or where it cannot be read: then that is recorded.
func (r *reader) read(name string, most int64) ([]byte, bool) {
	info, err := fs.Stat(r.fs, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	if err == nil && !info.Mode().IsRegular() { // reading a pipe or a device may never end
		r.say(Invalid, name, "", "is no file")
		return nil, false
	}
	if err == nil && info.Size() > most {
		r.say(Invalid, name, "", "has %d bytes, more than %d", info.Size(), most)
		return nil, false
	}
	text, err := fs.ReadFile(r.fs, name)
	if err != nil {
		r.say(Invalid, name, "", "cannot be read: %v", err)
		return nil, false
	}
	return text, true
}

// has tells whether there is a file or directory of this name.
func (r *reader) has(name string) bool {
	_, err := fs.Stat(r.fs, name)
	return err == nil
}

// list gives the entries of a directory in order of their names, without hidden ones; none where there is no such directory.
func (r *reader) list(dir string) []fs.DirEntry {
	entries, err := fs.ReadDir(r.fs, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.say(Invalid, dir, "", "cannot be read: %v", err)
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
}

// each opens the JSON files of a directory; everything else in it is not what the directory is for.
func (r *reader) each(dir, what string, do func(*file)) {
	for _, e := range r.list(dir) {
		name := path.Join(dir, e.Name())
		if e.IsDir() || path.Ext(name) != ".json" {
			r.say(Unsupported, name, "", "is not %s; it has no effect", what)
			continue
		}
		if f := r.open(name); f != nil {
			do(f)
		}
	}
}

// stem is the file's name without directory and ending.
func (f *file) stem() string { return strings.TrimSuffix(path.Base(f.name), ".json") }

func (f *file) wrong(key, format string, args ...any) { f.r.say(Invalid, f.name, key, format, args...) }
func (f *file) missing(key, format string, args ...any) {
	f.r.say(Unsupported, f.name, key, format, args...)
}
func (f *file) suspect(key, format string, args ...any) {
	f.r.say(Suspicious, f.name, key, format, args...)
}
func (f *file) works(key, format string, args ...any) { f.r.say(Works, f.name, key, format, args...) }

// refuse records an error that begins with a key, as those of rules do.
func (f *file) refuse(err error) {
	if key, text, ok := strings.Cut(err.Error(), ": "); ok {
		f.wrong(key, "%s", text)
		return
	}
	f.wrong("", "%v", err)
}

// ignore notes a key without effect, unless it says nothing.
func (f *file) ignore(key string, v any) {
	if !empty(v) {
		f.missing(key, "is not supported; it has no effect")
	}
}

// top gives the file's top level as an object.
func (f *file) top() bson.D {
	d, ok := f.value.(bson.D)
	if !ok {
		f.wrong("", "wants an object at the top, has %s", describe(f.value))
	}
	return d
}

// object reads an object; null is an empty one.
func (f *file) object(key string, v any) bson.D {
	d, ok := v.(bson.D)
	if !ok && v != nil {
		f.wrong(key, "wants an object, has %s", describe(v))
	}
	return d
}

func (f *file) text(key string, v any) string {
	s, ok := v.(string)
	if !ok {
		f.wrong(key, "wants a text, has %s", describe(v))
	}
	return s
}

func (f *file) truth(key string, v any) bool {
	b, ok := v.(bool)
	if !ok {
		f.wrong(key, "wants true or false, has %s", describe(v))
	}
	return b
}

// texts reads a list of texts, or a single one; null and "" are none.
func (f *file) texts(key string, v any) []string {
	if list, ok := v.(bson.A); ok {
		out := make([]string, 0, len(list))
		for i, item := range list {
			if s := f.text(fmt.Sprintf("%s[%d]", key, i), item); s != "" {
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
	f.wrong(key, "wants an array of texts, has %s", describe(v))
	return nil
}

// under joins a key to the place it stands at; "" is the top, or the place itself.
func under(at, key string) string {
	if at == "" || key == "" {
		return at + key
	}
	return at + "." + key
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
	if depth(probe) > maxDepth {
		return nil, fmt.Errorf("nests deeper than %d", maxDepth)
	}
	v, err := api.DecodeValue(text)
	if err != nil {
		return nil, fmt.Errorf("is not extended JSON: %w", err)
	}
	return v, nil
}

// repeated gives the path of a key that an object has twice: readers differ in which of them counts. "": there is none.
func repeated(at string, v any) string {
	switch x := v.(type) {
	case bson.D:
		seen := make(map[string]bool, len(x))
		for _, e := range x {
			key := under(at, e.Key)
			if seen[e.Key] {
				return key
			}
			seen[e.Key] = true
			if inner := repeated(key, e.Value); inner != "" {
				return inner
			}
		}
	case bson.A:
		for i, item := range x {
			if inner := repeated(fmt.Sprintf("%s[%d]", at, i), item); inner != "" {
				return inner
			}
		}
	}
	return ""
}

// depth is how deep a JSON value nests.
func depth(v any) int {
	most := 0
	switch x := v.(type) {
	case []any:
		for _, item := range x {
			most = max(most, depth(item))
		}
	case map[string]any:
		for _, item := range x {
			most = max(most, depth(item))
		}
	}
	return most + 1
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

// raw encodes a decoded object; false where it cannot be: then that is recorded.
func (f *file) raw(key string, d bson.D) (bson.Raw, bool) {
	b, err := bson.Marshal(d)
	if err != nil {
		f.wrong(key, "%v", err)
	}
	return b, err == nil
}

// rawValue encodes a decoded value.
func (f *file) rawValue(key string, v any) (bson.RawValue, bool) {
	d, ok := f.raw(key, bson.D{{Key: "v", Value: v}})
	if !ok {
		return bson.RawValue{}, false
	}
	return d.Lookup("v"), true
}
