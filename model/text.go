package model

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// dateLayout is RFC 3339 in UTC with milliseconds, the precision of BSON.
const dateLayout = "2006-01-02T15:04:05.000Z"

// The dates that dateLayout can write, in milliseconds since 1970: the years 0000 to 9999.
const (
	firstDate = -62167219200000
	lastDate  = 253402300799999
)

// Text returns a value as editable text: for every kind, Parse(KindOf(v), Text(v)) is identical to v.
// Dates are RFC 3339 in UTC with milliseconds, outside the years 0000 to 9999 milliseconds since 1970. Binary is
// `subtype:base64` (Parse accepts it without `00:`). Objects, arrays, code with scope and database pointers are
// extended JSON. The text is raw: pass it through Show before drawing.
func Text(v bson.RawValue) string {
	if !wellFormed(v) {
		if isAbsent(v) {
			return ""
		}
		return fmt.Sprintf("malformed BSON of type 0x%02x", byte(v.Type))
	}
	switch v.Type {
	case bson.TypeDouble:
		return doubleText(v.Double())
	case bson.TypeString:
		return v.StringValue()
	case bson.TypeSymbol:
		return v.Symbol()
	case bson.TypeJavaScript:
		return v.JavaScript()
	case bson.TypeBinary:
		subtype, data := v.Binary()
		if KindOf(v) == UUID {
			return uuidText(data)
		}
		return binaryText(subtype, data)
	case bson.TypeUndefined, bson.TypeNull, bson.TypeMinKey, bson.TypeMaxKey:
		return string(KindOf(v))
	case bson.TypeObjectID:
		return v.ObjectID().Hex()
	case bson.TypeBoolean:
		return strconv.FormatBool(v.Boolean())
	case bson.TypeDateTime:
		return dateText(v.DateTime())
	case bson.TypeRegex:
		if pattern, options := v.Regex(); strings.Trim(options, regexFlags) == "" {
			return "/" + pattern + "/" + options
		}
		return JSON(v)
	case bson.TypeInt32:
		return strconv.Itoa(int(v.Int32()))
	case bson.TypeInt64:
		return strconv.FormatInt(v.Int64(), 10)
	case bson.TypeTimestamp:
		t, i := v.Timestamp()
		return fmt.Sprintf("%d:%d", t, i)
	case bson.TypeDecimal128:
		return v.Decimal128().String()
	}
	return JSON(v)
}

// doubleText returns a double with a point or an exponent, so that it does not look like an int: 1.0, not 1.
func doubleText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f != 0 && (math.Abs(f) < 1e-6 || math.Abs(f) >= 1e21):
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func dateText(ms int64) string {
	if ms < firstDate || ms > lastDate {
		return strconv.FormatInt(ms, 10)
	}
	return time.UnixMilli(ms).UTC().Format(dateLayout)
}

func binaryText(subtype byte, data []byte) string {
	return fmt.Sprintf("%02x:%s", subtype, base64.StdEncoding.EncodeToString(data))
}

func uuidText(data []byte) string {
	h := hex.EncodeToString(data)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
