package query

import "go.mongodb.org/mongo-driver/v2/bson"

const (
	// maxBudget is the maximum size in bytes of all values that a pipeline or expression computes, about one second of
	// work. A short expression can otherwise exhaust a machine: a string doubled forty times, nested loops.
	maxBudget = 128 << 20
	// maxValue is the maximum size of a single value; the largest document that can be stored is much smaller.
	maxValue = 48 << 20
	// minCharge is the charge for the smallest value: about its memory in a document.
	minCharge = 32
)

// budget counts the bytes of computed values.
type budget struct{ used int }

// spend charges a value. Shared values are charged each time, because they are traversed each time.
func (w *budget) spend(v any) error {
	before := w.used
	if w.charge(v, 0) && w.used-before <= maxValue {
		return nil
	}
	w.used = maxBudget + 1
	return w.exceeded()
}

// spendAssign charges the assignment of a value to a path: the value may be copied into every element of an array.
func (w *budget) spendAssign(d bson.D, path []string, v any) error {
	w.used += minCharge * len(d)
	if len(path) == 1 {
		return w.spend(nil)
	}
	one, places := new(budget), new(budget)
	if !one.charge(v, 0) || !places.charge(get(d, path[0]), 0) || one.used > maxBudget/(places.used/minCharge) {
		return w.exceeded()
	}
	w.used += places.used
	return w.spend(v)
}

func (w *budget) exceeded() error {
	return Errorf(ExceededMemoryLimit, "the expression or pipeline computes more than %d MiB of values, or nests them "+
		"deeper than %d", maxBudget>>20, maxDepth)
}

// charge returns false once the budget is exceeded.
func (w *budget) charge(v any, depth int) bool {
	if depth > maxDepth {
		w.used = maxBudget + 1
		return false
	}
	w.used += minCharge
	switch x := v.(type) {
	case string:
		w.used += len(x)
	case bson.Binary:
		w.used += len(x.Data)
	case bson.D:
		for _, e := range x {
			if !w.charge(e.Value, depth+1) {
				return false
			}
		}
	case bson.A:
		for _, e := range x {
			if !w.charge(e, depth+1) {
				return false
			}
		}
	}
	return w.used <= maxBudget
}

// charged wraps an expression so that its results are charged.
func charged(x expression) expression {
	return func(s *scope) (any, error) {
		v, err := x(s)
		if err == nil {
			err = s.work.spend(v)
		}
		return v, err
	}
}
