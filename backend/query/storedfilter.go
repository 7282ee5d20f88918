package query

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// storedTest compares one top-level field of a stored document with a scalar, without decoding it.
type storedTest struct {
	field   string
	op      string // "$eq", "$gt", "$gte", "$lt" or "$lte"
	kind    bson.Type
	integer int64  // int32, int64, date and boolean
	text    []byte // string and ObjectID
}

// maxStoredTests is the largest number of tests: each has a bit.
const maxStoredTests = 32

// storedTests returns the tests of a filter that consists of nothing else; otherwise nil.
func storedTests(filter bson.D) (tests []storedTest) {
	for _, e := range filter {
		ops, is := e.Value.(bson.D)
		if !is {
			ops = bson.D{{Key: "$eq", Value: e.Value}}
		}
		for _, op := range ops {
			t, ok := newStoredTest(e.Key, op)
			if !ok || len(tests) == maxStoredTests {
				return nil
			}
			tests = append(tests, t)
		}
		if len(ops) == 0 {
			return nil
		}
	}
	return tests
}

func newStoredTest(field string, op bson.E) (t storedTest, ok bool) {
	switch op.Key {
	case "$eq", "$gt", "$gte", "$lt", "$lte":
	default:
		return t, false
	}
	t = storedTest{field: field, op: op.Key}
	switch v := op.Value.(type) {
	case int32:
		t.kind, t.integer = bson.TypeInt64, int64(v)
	case int64:
		t.kind, t.integer = bson.TypeInt64, v
	case bson.DateTime:
		t.kind, t.integer = bson.TypeDateTime, int64(v)
	case bool:
		t.kind = bson.TypeBoolean
		if v {
			t.integer = 1
		}
	case string:
		t.kind, t.text = bson.TypeString, []byte(v)
	case bson.ObjectID:
		t.kind, t.text = bson.TypeObjectID, v[:]
	default:
		return t, false
	}
	return t, !strings.HasPrefix(field, "$") && !strings.Contains(field, ".")
}

// MatchStored is Match for the bytes of a document. known is false if only Match can tell: the filter or a value that
// it reads is not simple. Bytes after the fields that the filter reads are not checked.
func (f *Filter) MatchStored(raw bson.Raw) (match, known bool) {
	if f.stored == nil {
		return false, false
	}
	// The last bytes are not read here: in a scan that would load one more cache line of each document.
	if len(raw) < 5 || int(binary.LittleEndian.Uint32(raw)) != len(raw) {
		return false, false
	}
	body := raw[4 : len(raw)-1]
	for seen := uint32(0); len(body) > 0; {
		kind, key, rest, err := elementHead(body)
		if err != nil {
			return false, false
		}
		size, err := valueSize(kind, rest)
		if err != nil {
			return false, false
		}
		for i := range f.stored {
			t := &f.stored[i]
			if seen&(1<<i) != 0 || t.field != string(key) {
				continue
			}
			seen |= 1 << i
			if match, known = t.match(kind, rest[:size]); !match || !known {
				return false, known
			}
		}
		if seen == 1<<len(f.stored)-1 {
			return true, true
		}
		body = rest[size:]
	}
	return false, true // a field is absent
}

// match tests a stored value. Values of different classes never match.
func (t *storedTest) match(kind bson.Type, b []byte) (match, known bool) {
	switch kind {
	case bson.TypeArray:
		return false, false // its elements match too
	case bson.TypeSymbol:
		return false, t.kind != bson.TypeString
	case bson.TypeDecimal128:
		return false, t.kind != bson.TypeInt64
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble:
		return t.kind == bson.TypeInt64 && t.matchNumber(kind, b), true
	}
	if kind != t.kind {
		return false, true
	}
	switch kind {
	case bson.TypeBoolean:
		return t.holds(cmp.Compare(int64(b[0]), t.integer)), true
	case bson.TypeDateTime:
		return t.holds(cmp.Compare(int64(binary.LittleEndian.Uint64(b)), t.integer)), true
	case bson.TypeString:
		return t.holds(bytes.Compare(b[4:len(b)-1], t.text)), true
	}
	return t.holds(bytes.Compare(b, t.text)), true // an ObjectID
}

func (t *storedTest) matchNumber(kind bson.Type, b []byte) bool {
	switch kind {
	case bson.TypeInt32:
		return t.holds(cmp.Compare(int64(int32(binary.LittleEndian.Uint32(b))), t.integer))
	case bson.TypeInt64:
		return t.holds(cmp.Compare(int64(binary.LittleEndian.Uint64(b)), t.integer))
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(b))
	return !math.IsNaN(f) && t.holds(-compareIntDouble(t.integer, f))
}

// holds reports whether a comparison of the stored value with the test's value fulfils the operator.
func (t *storedTest) holds(c int) bool {
	switch t.op {
	case "$gt":
		return c > 0
	case "$gte":
		return c >= 0
	case "$lt":
		return c < 0
	case "$lte":
		return c <= 0
	}
	return c == 0
}
