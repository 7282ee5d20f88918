package query

import (
	"go.mongodb.org/mongo-driver/v2/bson"
)

// changer computes a new value from an old one; id is the document's _id, for error messages.
type changer = func(old any, id any) (any, error)

// builder parses an operator's operand for one path.
type builder func(path string, operand any, env Env) (changer, error)

func operators() map[string]builder {
	return map[string]builder{
		"$set": buildSet, "$setOnInsert": buildSet, "$unset": buildUnset, "$inc": buildInc, "$mul": buildMul,
		"$min": buildExtreme(-1), "$max": buildExtreme(1), "$currentDate": buildCurrentDate, "$bit": buildBit,
		"$push": buildPush, "$addToSet": buildAddToSet, "$pop": buildPop, "$pull": buildPull, "$pullAll": buildPullAll,
	}
}

func buildSet(_ string, operand any, _ Env) (changer, error) {
	return func(any, any) (any, error) { return clone(operand), nil }, nil
}

func buildUnset(string, any, Env) (changer, error) {
	return func(any, any) (any, error) { return missing{}, nil }, nil
}

func buildInc(path string, operand any, _ Env) (changer, error) {
	if !isNumber(operand) {
		return nil, Errorf(TypeMismatch, "Cannot increment with non-numeric argument: {%s: %s}", path, Format(operand))
	}
	return func(old, id any) (any, error) {
		return arithmetic("$inc", path, old, operand, operand, id, add)
	}, nil
}

func buildMul(path string, operand any, _ Env) (changer, error) {
	if !isNumber(operand) {
		return nil, Errorf(TypeMismatch, "Cannot multiply with non-numeric argument: {%s: %s}", path, Format(operand))
	}
	zero, _ := multiply(operand, int32(0))
	return func(old, id any) (any, error) {
		return arithmetic("$mul", path, old, operand, zero, id, multiply)
	}, nil
}

func arithmetic(op, path string, old, operand, absent, id any, do func(a, b any) (any, bool)) (any, error) {
	if isMissing(old) {
		return absent, nil
	}
	if !isNumber(old) {
		return nil, Errorf(TypeMismatch, "Cannot apply %s to a value of non-numeric type. {_id: %s} has the field '%s' of "+
			"non-numeric type %s", op, Format(id), path, TypeName(old))
	}
	v, ok := do(old, operand)
	if !ok {
		return nil, Errorf(BadValue, "Failed to apply %s operations to current value (%s) for document {_id: %s}", op,
			Format(old), Format(id))
	}
	return v, nil
}

// buildExtreme builds $min with sign -1 and $max with sign 1.
func buildExtreme(sign int) builder {
	return func(_ string, operand any, _ Env) (changer, error) {
		return func(old, _ any) (any, error) {
			if isMissing(old) || Compare(operand, old)*sign > 0 {
				return clone(operand), nil
			}
			return old, nil
		}, nil
	}
}

func buildCurrentDate(_ string, operand any, env Env) (changer, error) {
	kind := "date"
	switch x := operand.(type) {
	case bool:
	case bson.D:
		name, is := get(x, "$type").(string)
		if len(x) != 1 || !is || name != "date" && name != "timestamp" {
			return nil, Errorf(BadValue, "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: "+
				"{field : {$type: 'date'}}}")
		}
		kind = name
	default:
		return nil, Errorf(BadValue, "%s is not valid type for $currentDate. Please use a boolean ('true') or a $type "+
			"expression ({$type: 'timestamp/date'}).", TypeName(operand))
	}
	return func(any, any) (any, error) {
		if kind == "timestamp" {
			return bson.Timestamp{T: uint32(env.Now / 1000), I: 1}, nil
		}
		return env.Now, nil
	}, nil
}

func buildBit(path string, operand any, _ Env) (changer, error) {
	ops, is := operand.(bson.D)
	if !is {
		return nil, Errorf(BadValue, "The $bit modifier is not compatible with a %s. You must pass in an embedded "+
			"document: {$bit: {field: {and/or/xor: #}}", TypeName(operand))
	}
	if len(ops) == 0 {
		return nil, Errorf(BadValue, "You must pass in at least one bitwise operation. The format is: {$bit: {field: "+
			"{and/or/xor: #}}")
	}
	for _, op := range ops {
		if op.Key != "and" && op.Key != "or" && op.Key != "xor" {
			return nil, Errorf(BadValue, "The $bit modifier only supports 'and', 'or', and 'xor', not '%s' which is an "+
				"unknown operator: {%s: %s}", op.Key, op.Key, Format(op.Value))
		}
		if _, ok := integer(op.Value); !ok {
			return nil, Errorf(BadValue, "The $bit modifier field must be an Integer(32/64 bit); a '%s' is not supported "+
				"here: {%s: %s}", TypeName(op.Value), op.Key, Format(op.Value))
		}
	}
	return func(old, id any) (any, error) {
		if isMissing(old) {
			old = int32(0)
		}
		for _, op := range ops {
			if _, ok := integer(old); !ok {
				return nil, Errorf(BadValue, "Cannot apply $bit to a value of non-integral type._id: %s has the field %s of "+
					"non-integer type %s", Format(id), path, TypeName(old))
			}
			old = bitwise(op.Key, old, op.Value)
		}
		return old, nil
	}, nil
}

func bitwise(op string, a, b any) any {
	x, _ := integer(a)
	y, _ := integer(b)
	var n int64
	switch op {
	case "and":
		n = x & y
	case "or":
		n = x | y
	case "xor":
		n = x ^ y
	}
	_, narrowA := a.(int32)
	_, narrowB := b.(int32)
	if narrowA && narrowB {
		return int32(n)
	}
	return n
}
