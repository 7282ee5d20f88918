package query

import (
	"math/big"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func parseSize(path []string, operand any) (node, error) {
	if !isNumber(operand) {
		return nil, Errorf(BadValue, "Failed to parse $size. Expected a number in: $size: %s", Format(operand))
	}
	n, whole := WholeNumber(operand)
	if !whole {
		return nil, Errorf(BadValue, "Failed to parse $size. Expected an integer: $size: %s", Format(operand))
	}
	if n < 0 {
		return nil, Errorf(BadValue, "Failed to parse $size. Expected a non-negative number in: $size: %s", Format(operand))
	}
	return leaf{path: path, whole: true, test: func(v any) bool {
		a, is := v.(bson.A)
		return is && int64(len(a)) == n
	}}, nil
}

func (p *filterParser) all(path []string, operand any, must bool) (node, error) {
	list, is := operand.(bson.A)
	if !is {
		return nil, Errorf(BadValue, "$all needs an array")
	}
	if len(list) == 0 {
		return leaf{path: path, test: func(any) bool { return false }}, nil
	}
	nodes := allOf{}
	for _, item := range list {
		n, err := p.allItem(path, item, must)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (p *filterParser) allItem(path []string, item any, must bool) (node, error) {
	switch x := item.(type) {
	case bson.Regex:
		return p.regex(path, x, must)
	case bson.D:
		if len(x) > 0 && x[0].Key == "$elemMatch" {
			return p.elemMatch(path, x[0].Value)
		}
		if isOperators(x) {
			return nil, Errorf(BadValue, "no $ expressions in $all")
		}
	}
	return p.equal(path, item, must)
}

// elemMatch matches an array that has one element that meets all conditions.
type elemMatch struct {
	path    []string
	element node
	objects bool // the condition is a query on documents, not operators on values
}

func (n elemMatch) match(v any, at *position) bool {
	if len(n.path) == 0 {
		return n.inside(v, at)
	}
	return walk(v, n.path, -1, true, func(v any, outer int) bool {
		if !n.inside(v, at) {
			return false
		}
		at.set(outer)
		return true
	})
}

func (n elemMatch) inside(v any, at *position) bool {
	a, is := v.(bson.A)
	if !is {
		return false
	}
	for i, e := range a {
		if n.holds(e) {
			at.set(i)
			return true
		}
	}
	return false
}

func (n elemMatch) holds(e any) bool {
	if !n.objects {
		return n.element.match(e, nil)
	}
	switch x := e.(type) {
	case bson.D:
		return n.element.match(x, nil)
	case bson.A:
		return n.element.match(x, nil)
	}
	return false
}

func (p *filterParser) elemMatch(path []string, operand any) (node, error) {
	d, is := operand.(bson.D)
	if !is {
		return nil, Errorf(BadValue, "$elemMatch needs an Object")
	}
	if isOperators(d) && !isLogical(d[0].Key) {
		n, err := p.operators(nil, d, false)
		return elemMatch{path: path, element: n}, err
	}
	inner := &filterParser{env: p.env, fields: map[string]bool{}, depth: p.depth}
	for _, e := range d {
		if e.Key == "$where" || e.Key == "$text" || e.Key == "$expr" || e.Key == "$jsonSchema" {
			return nil, Errorf(BadValue, "%s can only be applied to the top-level document", e.Key)
		}
	}
	n, err := inner.document(d, false)
	return elemMatch{path: path, element: n, objects: true}, err
}

func isLogical(key string) bool {
	return key == "$and" || key == "$or" || key == "$nor" || key == "$where" || key == "$expr" || key == "$jsonSchema"
}

// parseBits parses $bitsAllSet, $bitsAllClear, $bitsAnySet and $bitsAnyClear.
func parseBits(path []string, e bson.E) (node, error) {
	mask, err := bitMask(e.Key, e.Value)
	if err != nil {
		return nil, err
	}
	set, every := strings.HasSuffix(e.Key, "Set"), strings.HasPrefix(e.Key, "$bitsAll")
	return leaf{path: path, test: func(v any) bool {
		bit, ok := bitsOf(v)
		if !ok {
			return false
		}
		for _, n := range mask {
			if (bit(n) == set) != every {
				return !every
			}
		}
		return every
	}}, nil
}

// bitMask returns the bit positions of an operand: set bits of a number or binary, or a list of positions.
func bitMask(op string, operand any) ([]int, error) {
	var out []int
	if list, is := operand.(bson.A); is {
		for _, item := range list {
			n, whole := WholeNumber(item)
			if !whole || n < 0 || n > 1<<30 {
				return nil, Errorf(BadValue, "bit positions must be >= 0 but got: %s", Format(item))
			}
			out = append(out, int(n))
		}
		return out, nil
	}
	if n, whole := WholeNumber(operand); isNumber(operand) && (!whole || n < 0) {
		return nil, Errorf(FailedToParse, "Expected a non-negative number in: %s: %s", op, Format(operand))
	}
	bit, ok := bitsOf(operand)
	if !ok {
		return nil, Errorf(BadValue, "value takes an Array, a number, or a BinData but received: %s: %s", op, Format(operand))
	}
	size := 64
	if b, is := operand.(bson.Binary); is {
		size = 8 * len(b.Data)
	}
	for i := range size {
		if bit(i) {
			out = append(out, i)
		}
	}
	return out, nil
}

// bitsOf returns a reader of single bits of an integer (sign-extended) or a binary.
func bitsOf(v any) (func(n int) bool, bool) {
	if b, is := v.(bson.Binary); is {
		return func(n int) bool { return n/8 < len(b.Data) && b.Data[n/8]>>(n%8)&1 == 1 }, true
	}
	n, whole := WholeNumber(v)
	if !whole {
		return nil, false
	}
	wide := big.NewInt(n)
	return func(i int) bool { return wide.Bit(i) == 1 }, true
}
