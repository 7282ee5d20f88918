package model

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Detail is a value, or a part of it, in another form. The text is raw: pass it through Show before drawing.
type Detail struct {
	Label string
	Text  string
}

// momentLayout writes a moment for a reader, in a zone.
const momentLayout = "Mon 2 Jan 2006, 15:04:05"

// detailBytes is the longest binary value that Details writes as a whole, in bytes: a multiple of 3, so that base64 of
// a part has no padding.
const detailBytes = 255

// shortText is the longest text without its length among the details, in bytes.
const shortText = 60

// Details returns what a value holds besides its text: the moment of a date, an ObjectId or a timestamp in a zone
// (nil: UTC), the parts of binary data, the length of a text. The most important detail comes first; nil: there is
// nothing to add. Of a long value it reads a part.
func Details(v bson.RawValue, zone *time.Location) []Detail {
	if !wellFormed(v) {
		return nil
	}
	var details []Detail
	if label, at, ok := moment(v); ok {
		details = append(details, Detail{label, momentText(at, zone)})
	}
	switch kind := KindOf(v); kind {
	case Date:
		details = append(details, Detail{"Unix ms", strconv.FormatInt(v.DateTime(), 10)})
	case UUID, Binary:
		details = append(details, binaryDetails(v)...)
	case Timestamp:
		t, i := v.Timestamp()
		details = append(details, Detail{"Unix s", strconv.FormatUint(uint64(t), 10)},
			Detail{"increment", strconv.FormatUint(uint64(i), 10)})
	case Regex:
		details = append(details, regexDetails(v)...)
	case CodeWithScope:
		code, scope := v.CodeWithScope()
		details = append(details, Detail{"code", string(firstBytesOf(code))},
			Detail{"scope", JSON(objectValue(scope))})
	case DBPointer:
		collection, id := v.DBPointer()
		details = append(details, Detail{"collection", collection}, Detail{"id", id.Hex()})
	case MinKey:
		details = append(details, Detail{"order", "before every other value"})
	case MaxKey:
		details = append(details, Detail{"order", "after every other value"})
	case Symbol, Undefined:
		details = append(details, Detail{"type", string(kind) + " is deprecated"})
	case Double:
		details = append(details, doubleDetails(v.Double())...)
	}
	if text, ok := textBytes(v); ok && len(text) > shortText {
		details = append(details, Detail{"length", textLength(text)})
	}
	return details
}

// firstBytesOf returns the first 4 KiB of a text.
func firstBytesOf(text string) string {
	if len(text) > previewBytes {
		return firstBytes(text, previewBytes) + "…"
	}
	return text
}

// Moment returns the moment that a value is or contains: of a date, an ObjectId, a timestamp, or a UUID of version 1
// or 7; false for all others, and for dates outside the years 0000 to 9999.
func Moment(v bson.RawValue) (time.Time, bool) {
	if !wellFormed(v) {
		return time.Time{}, false
	}
	_, at, ok := moment(v)
	return at, ok
}

// moment is Moment of a well-formed value, with a label.
func moment(v bson.RawValue) (string, time.Time, bool) {
	switch KindOf(v) {
	case Date:
		ms := v.DateTime()
		return "time", time.UnixMilli(ms), ms >= firstDate && ms <= lastDate
	case ObjectID:
		return "created", v.ObjectID().Timestamp(), true
	case Timestamp:
		t, _ := v.Timestamp()
		return "time", time.Unix(int64(t), 0), t > 0
	case UUID:
		_, data := v.Binary()
		at, ok := uuidMoment(data)
		return "created", at, ok
	case DBPointer:
		_, id := v.DBPointer()
		return "created", id.Timestamp(), true
	}
	return "", time.Time{}, false
}

// uuidVersion returns the version of a UUID; 0 for those of another variant than that of RFC 9562, which have none.
func uuidVersion(data []byte) int {
	if data[8]>>6 != 0b10 {
		return 0
	}
	return int(data[6] >> 4)
}

// uuidMoment returns the time in a UUID of version 1 or 7 (RFC 9562).
func uuidMoment(data []byte) (time.Time, bool) {
	switch uuidVersion(data) {
	case 1:
		const secondsTo1970 = 12219292800 // from 15 October 1582
		ticks := uint64(binary.BigEndian.Uint16(data[6:])&0x0fff)<<48 | uint64(binary.BigEndian.Uint16(data[4:]))<<32 |
			uint64(binary.BigEndian.Uint32(data))
		return time.Unix(int64(ticks/10_000_000)-secondsTo1970, int64(ticks%10_000_000)*100), true
	case 7:
		ms := int64(binary.BigEndian.Uint64(data) >> 16)
		return time.UnixMilli(ms), ms <= lastDate
	}
	return time.Time{}, false
}

// momentText writes a moment in a zone, nil: UTC; where the zone differs from UTC, with the time in UTC.
func momentText(t time.Time, zone *time.Location) string {
	t = t.UTC()
	layout := momentLayout
	if t.Nanosecond() != 0 {
		layout += ".000"
	}
	if zone == nil {
		return t.Format(layout) + " UTC"
	}
	local := t.In(zone)
	if _, offset := local.Zone(); offset == 0 || local.Year() < 0 || local.Year() > 9999 {
		return t.Format(layout) + " UTC"
	}
	inUTC := t.Format("15:04")
	if local.Day() != t.Day() {
		inUTC = t.Format("2 Jan 15:04")
	}
	return local.Format(layout+" MST") + " (" + inUTC + " UTC)"
}

// subtypes names the subtypes of binary data.
var subtypes = map[byte]string{0: "generic", 1: "function", 2: "generic, old form", 3: "UUID, legacy", 4: "UUID",
	5: "MD5", 6: "encrypted", 7: "compressed time series", 8: "sensitive", 9: "vector"}

// binaryDetails returns subtype, size, hex and base64 of binary data, and the UUID in it.
func binaryDetails(v bson.RawValue) []Detail {
	subtype, data := v.Binary()
	name := subtypes[subtype]
	switch {
	case KindOf(v) == UUID:
		if version := uuidVersion(data); version > 0 {
			name += fmt.Sprintf(" of version %d", version)
		}
	case subtype >= 0x80:
		name = "user defined"
	case name == "":
		name = "reserved"
	}
	details := []Detail{{"subtype", fmt.Sprintf("%d, %s, %s", subtype, name, ByteSize(len(data)))}}
	if subtype == 3 && len(data) == 16 {
		details = append(details, legacyUUIDs(data)...)
	}
	first, cut := data, ""
	if len(data) > detailBytes {
		first, cut = data[:detailBytes], "…"
	}
	return append(details, Detail{"hex", hex.EncodeToString(first) + cut},
		Detail{"base64", base64.StdEncoding.EncodeToString(first) + cut})
}

// legacyUUIDs returns the UUID in data of subtype 3 in the byte orders of the drivers that wrote it: the data does not
// say which.
func legacyUUIDs(data []byte) []Detail {
	reversed := func(ends ...int) string {
		b := slices.Clone(data)
		from := 0
		for _, to := range ends {
			slices.Reverse(b[from:to])
			from = to
		}
		return uuidText(b)
	}
	return []Detail{{"if from Python", uuidText(data)}, {"if from Java", reversed(8, 16)},
		{"if from C#", reversed(4, 6, 8)}}
}

// regexDetails names the options of a regular expression.
func regexDetails(v bson.RawValue) []Detail {
	pattern, options := v.Regex()
	names := map[rune]string{'i': "ignores case", 'm': "^ and $ match at lines", 's': ". matches line feeds",
		'x': "ignores spaces in the pattern", 'u': "Unicode", 'l': "locale"}
	var meant []string
	for _, o := range options {
		if name := names[o]; name != "" {
			meant = append(meant, string(o)+" "+name)
		}
	}
	details := []Detail{{"pattern", firstBytesOf(pattern)}}
	if len(meant) > 0 {
		details = append(details, Detail{"options", strings.Join(meant, ", ")})
	}
	return details
}

// doubleDetails says that a double is too large to hold every whole number.
func doubleDetails(f float64) []Detail {
	if math.Abs(f) < 1<<53 || math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	return []Detail{{"precision", "beyond ±2^53 a double does not hold every whole number"}}
}

// textLength returns a text such as "12 characters, 2 lines, 14 bytes"; of a long text only its size.
func textLength(text []byte) string {
	if len(text) > 64<<10 {
		return ByteSize(len(text))
	}
	n := utf8.RuneCount(text)
	parts := []string{countNoun(n, "character")}
	if lines := 1 + bytes.Count(text, []byte{'\n'}); lines > 1 {
		parts = append(parts, countNoun(lines, "line"))
	}
	if len(text) != n {
		parts = append(parts, countNoun(len(text), "byte"))
	}
	return strings.Join(parts, ", ")
}

// Fields iterates over the fields of an object, or the items of an array with their index as the key, in order. It
// reads them one by one, and stops at malformed BSON.
func Fields(v bson.RawValue) iter.Seq2[string, bson.RawValue] {
	return func(yield func(string, bson.RawValue) bool) {
		if !isContainer(v) {
			return
		}
		i := 0
		for e, err := range elements(v.Value) {
			if err != nil {
				return
			}
			key := strconv.Itoa(i)
			if v.Type != bson.TypeArray {
				key = string(e.key)
			}
			if !yield(key, e.value) {
				return
			}
			i++
		}
	}
}
