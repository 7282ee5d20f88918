package query

import "go.mongodb.org/mongo-driver/v2/bson"

const (
	// maxWork is how many bytes of values a pipeline, or an expression elsewhere, may go through: a second or less. A few
	// words can ask for more than a machine has: a text doubled forty times, a loop within a loop.
	maxWork = 128 << 20
	// maxValue is how many bytes of that one value may be; the largest document that can be stored is well below.
	maxValue = 48 << 20
	// leastWork is what the smallest value counts: about the memory that one in an object takes.
	leastWork = 32
)

// work counts what has been gone through.
type work struct{ done int }

// spend counts a value. What values share counts each time: it is gone through each time.
func (w *work) spend(v any) error {
	before := w.done
	if w.add(v, 0) && w.done-before <= maxValue {
		return nil
	}
	w.done = maxWork + 1
	return w.tooMuch()
}

// spendAssign counts what it takes to set a path of a document to a value: the value may go into every element of an
// array on the way.
func (w *work) spendAssign(d bson.D, path []string, v any) error {
	w.done += leastWork * len(d)
	if len(path) == 1 {
		return w.spend(nil)
	}
	one, places := new(work), new(work)
	if !one.add(v, 0) || !places.add(get(d, path[0]), 0) || one.done > maxWork/(places.done/leastWork) {
		return w.tooMuch()
	}
	w.done += places.done
	return w.spend(v)
}

func (w *work) tooMuch() error {
	return Errorf(ExceededMemoryLimit, "the expression or pipeline computes more than %d MiB of values, or nests them deeper than %d", maxWork>>20, maxDepth)
}

// add is false, and stays it, from where there is too much.
func (w *work) add(v any, depth int) bool {
	if depth > maxDepth {
		w.done = maxWork + 1
		return false
	}
	w.done += leastWork
	switch x := v.(type) {
	case string:
		w.done += len(x)
	case bson.Binary:
		w.done += len(x.Data)
	case bson.D:
		for _, e := range x {
			if !w.add(e.Value, depth+1) {
				return false
			}
		}
	case bson.A:
		for _, e := range x {
			if !w.add(e, depth+1) {
				return false
			}
		}
	}
	return w.done <= maxWork
}

// counted makes an expression count what it gives.
func counted(x expression) expression {
	return func(s *scope) (any, error) {
		v, err := x(s)
		if err == nil {
			err = s.work.spend(v)
		}
		return v, err
	}
}
