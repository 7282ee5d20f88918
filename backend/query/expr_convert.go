package query

import (
	"math"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// isoFormat is the default date format.
const isoFormat = "2006-01-02T15:04:05.000Z"

func conversions() map[string]function {
	convert := func(of func(v any) (any, error)) function {
		return function{1, 1, func(a []any) (any, error) {
			if isNullish(a[0]) {
				return nil, nil
			}
			return of(a[0])
		}}
	}
	part := func(of func(t time.Time) int) function {
		return convert(func(v any) (any, error) {
			t, err := timeOf(v)
			return int32(of(t)), err
		})
	}
	return map[string]function{
		"$type":       {1, 1, func(a []any) (any, error) { return TypeName(a[0]), nil }},
		"$isNumber":   {1, 1, func(a []any) (any, error) { return isNumber(a[0]), nil }},
		"$toString":   convert(convertText),
		"$toInt":      convert(convertInt),
		"$toLong":     convert(convertLong),
		"$toDouble":   convert(convertDouble),
		"$toDecimal":  convert(convertDecimal),
		"$toBool":     convert(func(v any) (any, error) { return truthy(v), nil }),
		"$toDate":     convert(convertDate),
		"$toObjectId": convert(convertObjectID),
		"$year":       part(time.Time.Year),
		"$month":      part(func(t time.Time) int { return int(t.Month()) }),
		"$dayOfMonth": part(time.Time.Day),
		"$dayOfWeek":  part(func(t time.Time) int { return int(t.Weekday()) + 1 }),
		"$dayOfYear":  part(time.Time.YearDay),
		"$hour":       part(time.Time.Hour),
		"$minute":     part(time.Time.Minute),
		"$second":     part(time.Time.Second),
		"$millisecond": part(func(t time.Time) int {
			return t.Nanosecond() / int(time.Millisecond)
		}),
	}
}

func unconvertible(v any, to string) error {
	return Errorf(ConversionFailure, "Unsupported conversion from %s to %s in $convert with no onError value", TypeName(v),
		to)
}

func unparsable(v any, to string) error {
	return Errorf(ConversionFailure, "Failed to parse %s '%v' in $convert with no onError value", to, v)
}

func convertText(v any) (any, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case bson.Symbol:
		return string(x), nil
	case bool:
		return strconv.FormatBool(x), nil
	case int32, int64, bson.Decimal128:
		return Format(v), nil
	case float64:
		return formatDouble(x, -1), nil
	case bson.ObjectID:
		return x.Hex(), nil
	case bson.DateTime:
		return x.Time().UTC().Format(isoFormat), nil
	}
	return nil, unconvertible(v, "string")
}

func convertLong(v any) (any, error) {
	switch x := v.(type) {
	case bool:
		if x {
			return int64(1), nil
		}
		return int64(0), nil
	case string:
		n, err := strconv.ParseInt(x, 10, 64)
		if err != nil {
			return nil, unparsable(v, "number")
		}
		return n, nil
	case bson.DateTime:
		return int64(x), nil
	}
	if !isNumber(v) {
		return nil, unconvertible(v, "long")
	}
	n, ok := truncate(v)
	if !ok {
		return nil, Errorf(ConversionFailure, "Conversion would overflow target type in $convert with no onError value: %s",
			Format(v))
	}
	return n, nil
}

func convertInt(v any) (any, error) {
	if _, is := v.(bson.DateTime); is {
		return nil, unconvertible(v, "int")
	}
	n, err := convertLong(v)
	if err != nil {
		return nil, err
	}
	wide, _ := n.(int64)
	if wide != int64(int32(wide)) {
		return nil, Errorf(ConversionFailure, "Conversion would overflow target type in $convert with no onError value: %s",
			Format(v))
	}
	return int32(wide), nil
}

func convertDouble(v any) (any, error) {
	switch x := v.(type) {
	case bool:
		if x {
			return 1.0, nil
		}
		return 0.0, nil
	case string:
		f, err := strconv.ParseFloat(x, 64)
		if err != nil {
			return nil, unparsable(v, "number")
		}
		return f, nil
	case bson.DateTime:
		return float64(x), nil
	}
	if !isNumber(v) {
		return nil, unconvertible(v, "double")
	}
	return double(v), nil
}

func convertDecimal(v any) (any, error) {
	if s, is := v.(string); is {
		d, err := bson.ParseDecimal128(s)
		if err != nil {
			return nil, unparsable(v, "number")
		}
		return d, nil
	}
	if d, ok := toDecimal(v); ok {
		return d.round(), nil
	}
	return nil, unconvertible(v, "decimal")
}

func convertDate(v any) (any, error) {
	switch x := v.(type) {
	case string:
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700",
			"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02"} {
			if t, err := time.Parse(layout, x); err == nil {
				return bson.NewDateTimeFromTime(t), nil
			}
		}
		return nil, unparsable(v, "date")
	case int64, float64, bson.Decimal128:
		ms, ok := truncate(v)
		if !ok {
			return nil, Errorf(ConversionFailure, "Conversion would overflow target type in $convert with no onError value: %s",
				Format(v))
		}
		return bson.DateTime(ms), nil
	}
	t, err := timeOf(v)
	return bson.NewDateTimeFromTime(t), err
}

func convertObjectID(v any) (any, error) {
	switch x := v.(type) {
	case bson.ObjectID:
		return x, nil
	case string:
		id, err := bson.ObjectIDFromHex(x)
		if err != nil {
			return nil, unparsable(v, "objectId")
		}
		return id, nil
	}
	return nil, unconvertible(v, "objectId")
}

func timeOf(v any) (time.Time, error) {
	switch x := v.(type) {
	case bson.DateTime:
		return x.Time().UTC(), nil
	case bson.Timestamp:
		return time.Unix(int64(x.T), 0).UTC(), nil
	case bson.ObjectID:
		return x.Timestamp().UTC(), nil
	}
	return time.Time{}, Errorf(16006, "can't convert from BSON type %s to Date", TypeName(v))
}

// buildConvert builds $convert: a conversion with configurable results for errors and null.
func buildConvert(operand any, env Env) (expression, error) {
	args, err := named("$convert", operand, env, "input", "to", "onError", "onNull")
	if err != nil {
		return nil, err
	}
	if err := needs("$convert", args, "input", "to"); err != nil {
		return nil, err
	}
	return func(s *scope) (any, error) {
		v, err := evaluate([]expression{args["input"], args["to"]}, s)
		if err != nil {
			return nil, err
		}
		if isNullish(v[0]) {
			if args["onNull"] != nil {
				return args["onNull"](s)
			}
			return nil, nil
		}
		set, err := typeSet(v[1])
		if err != nil {
			return nil, err
		}
		names := map[string]string{"string": "$toString", "int": "$toInt", "long": "$toLong", "double": "$toDouble",
			"decimal": "$toDecimal", "bool": "$toBool", "date": "$toDate", "objectId": "$toObjectId"}
		for kind := range set {
			if f, known := conversions()[names[kind]]; known {
				out, err := f.of(v[:1])
				if err != nil && args["onError"] != nil {
					return args["onError"](s)
				}
				return out, err
			}
		}
		return nil, unconvertible(v[0], Format(v[1]))
	}, nil
}

func buildDateToString(operand any, env Env) (expression, error) {
	args, err := named("$dateToString", operand, env, "date", "format", "timezone", "onNull")
	if err != nil {
		return nil, err
	}
	if err := needs("$dateToString", args, "date"); err != nil {
		return nil, err
	}
	for name, standard := range map[string]string{"format": "%Y-%m-%dT%H:%M:%S.%LZ", "timezone": "UTC"} {
		if args[name] == nil {
			args[name] = constant(standard)
		}
	}
	return func(s *scope) (any, error) {
		v, err := evaluate([]expression{args["date"], args["format"], args["timezone"]}, s)
		if err != nil {
			return nil, err
		}
		if isNullish(v[0]) && args["onNull"] != nil {
			return args["onNull"](s)
		}
		if anyNullish(v) {
			return nil, nil
		}
		t, err := timeOf(v[0])
		if err != nil {
			return nil, err
		}
		format, is := v[1].(string)
		if !is {
			return nil, Errorf(18533, "$dateToString requires that 'format' be a string, found: %s", TypeName(v[1]))
		}
		zone, is := v[2].(string)
		location, err := time.LoadLocation(zone)
		if !is || err != nil {
			return nil, Errorf(40485, "unrecognized time zone identifier: %s", Format(v[2]))
		}
		return formatDate(t.In(location), format)
	}, nil
}

func formatDate(t time.Time, format string) (any, error) {
	layouts := map[byte]string{'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'L': "000", 'j': "002",
		'b': "Jan", 'B': "January", 'z': "-0700"}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return nil, Errorf(18535, "Unmatched '%%' at end of format string")
		}
		switch c := format[i]; c {
		case '%':
			b.WriteByte('%')
		case 'L':
			b.WriteString(t.Format(".000")[1:])
		case 'u':
			b.WriteString(strconv.Itoa((int(t.Weekday())+6)%7 + 1))
		case 'w':
			b.WriteString(strconv.Itoa(int(t.Weekday()) + 1))
		case 'V', 'G':
			year, week := t.ISOWeek()
			b.WriteString(pad(map[byte]int{'V': week, 'G': year}[c]))
		case 'Z':
			_, offset := t.Zone()
			b.WriteString(strconv.Itoa(int(math.Trunc(float64(offset) / 60))))
		default:
			layout, known := layouts[c]
			if !known {
				return nil, Errorf(18536, "Invalid format character '%%%c' in format string", c)
			}
			b.WriteString(t.Format(layout))
		}
	}
	return b.String(), nil
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
