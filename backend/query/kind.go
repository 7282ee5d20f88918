package query

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// TypeName returns MongoDB's alias of a value's type: "int", "objectId", "array"; "missing" for an absent value.
func TypeName(v any) string {
	switch v.(type) {
	case missing:
		return "missing"
	case float64:
		return "double"
	case string:
		return "string"
	case bson.D:
		return "object"
	case bson.A:
		return "array"
	case bson.Binary:
		return "binData"
	case bson.Undefined:
		return "undefined"
	case bson.ObjectID:
		return "objectId"
	case bool:
		return "bool"
	case bson.DateTime:
		return "date"
	case nil:
		return "null"
	case bson.Regex:
		return "regex"
	case bson.DBPointer:
		return "dbPointer"
	case bson.JavaScript:
		return "javascript"
	case bson.Symbol:
		return "symbol"
	case bson.CodeWithScope:
		return "javascriptWithScope"
	case int32:
		return "int"
	case bson.Timestamp:
		return "timestamp"
	case int64:
		return "long"
	case bson.Decimal128:
		return "decimal"
	case bson.MinKey:
		return "minKey"
	case bson.MaxKey:
		return "maxKey"
	}
	return fmt.Sprintf("%T", v)
}

// typeCodes maps type aliases to BSON type numbers.
func typeCodes() map[string]int64 {
	return map[string]int64{
		"double": 1, "string": 2, "object": 3, "array": 4, "binData": 5, "undefined": 6, "objectId": 7, "bool": 8, "date": 9,
		"null": 10, "regex": 11, "dbPointer": 12, "javascript": 13, "symbol": 14, "javascriptWithScope": 15, "int": 16,
		"timestamp": 17, "long": 18, "decimal": 19, "minKey": -1, "maxKey": 127,
	}
}

// typeSet parses the operand of $type and bsonType: an alias, "number", a code, or an array of them.
func typeSet(operand any) (map[string]bool, error) {
	list, is := operand.(bson.A)
	if !is {
		list = bson.A{operand}
	}
	if len(list) == 0 {
		return nil, Errorf(FailedToParse, "$type must match at least one type")
	}
	codes, set := typeCodes(), map[string]bool{}
	for _, item := range list {
		if s, is := item.(string); is {
			if _, known := codes[s]; !known && s != "number" {
				return nil, Errorf(BadValue, "Unknown type name alias: %s", s)
			}
			set[s] = true
			if s == "number" {
				set["int"], set["long"], set["double"], set["decimal"] = true, true, true, true
			}
			continue
		}
		if !isNumber(item) {
			return nil, Errorf(TypeMismatch, "type must be represented as a number or a string")
		}
		n, whole := WholeNumber(item)
		name := ""
		for alias, code := range codes {
			if whole && code == n {
				name = alias
			}
		}
		if name == "" {
			return nil, Errorf(BadValue, "Invalid numerical type code: %s", Format(item))
		}
		set[name] = true
	}
	return set, nil
}

// Format formats a value for an error message as the shell does: quoted strings, documents in braces.
func Format(v any) string {
	var b strings.Builder
	show(&b, v)
	return b.String()
}

func show(b *strings.Builder, v any) {
	switch x := v.(type) {
	case bson.D:
		b.WriteString("{")
		for i, e := range x {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(" " + e.Key + ": ")
			show(b, e.Value)
		}
		b.WriteString(" }")
	case bson.A:
		b.WriteString("[")
		for i, e := range x {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(" ")
			show(b, e)
		}
		b.WriteString(" ]")
	case string:
		quoted, err := json.Marshal(x)
		if err != nil {
			quoted = []byte(strconv.Quote(x))
		}
		b.Write(quoted)
	case nil:
		b.WriteString("null")
	case float64:
		s := formatDouble(x, -1)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		b.WriteString(s)
	case bson.ObjectID:
		b.WriteString("ObjectId('" + x.Hex() + "')")
	case bson.DateTime:
		b.WriteString("new Date(" + strconv.FormatInt(int64(x), 10) + ")")
	case bson.Decimal128:
		b.WriteString(x.String())
	case bson.MinKey:
		b.WriteString("MinKey")
	case bson.MaxKey:
		b.WriteString("MaxKey")
	default:
		fmt.Fprint(b, x)
	}
}

func formatDouble(f float64, precision int) string {
	return strconv.FormatFloat(f, 'g', precision, 64)
}
