package functions

import (
	"slices"

	"github.com/dop251/goja"
)

// lazyObject is an object whose members are created on first access: a call uses few of them, and creating all for each
// call would take longer than most functions run.
type lazyObject struct {
	names   []string
	create  func(name string) goja.Value
	created map[string]goja.Value
	backing any // the value behind the object, such as a cursor; nil: none
}

// newLazyObject returns such an object. create is called only for the given names.
func (r *run) newLazyObject(of any, names []string, make func(name string) goja.Value) *goja.Object {
	return r.vm.NewDynamicObject(&lazyObject{names: names, create: make, created: map[string]goja.Value{}, backing: of})
}

// Get returns a member.
func (m *lazyObject) Get(key string) goja.Value {
	if v, ok := m.created[key]; ok {
		return v
	}
	if !m.Has(key) {
		return nil
	}
	v := m.create(key)
	m.created[key] = v
	return v
}

// Set replaces a member, in this call.
func (m *lazyObject) Set(key string, v goja.Value) bool {
	if !m.Has(key) {
		m.names = append(m.names[:len(m.names):len(m.names)], key)
	}
	m.created[key] = v
	return true
}

// Has reports whether there is such a member.
func (m *lazyObject) Has(key string) bool { return slices.Contains(m.names, key) }

// Delete deletes nothing; it reports false for members.
func (m *lazyObject) Delete(key string) bool { return !m.Has(key) }

// Keys returns the names of the members.
func (m *lazyObject) Keys() []string { return m.names }

// backingOf returns the value behind a lazy object; nil for other values.
func backingOf(v goja.Value) any {
	if m, ok := exportAs[*lazyObject](v); ok {
		return m.backing
	}
	return nil
}
