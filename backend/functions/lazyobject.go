package functions

import "github.com/dop251/goja"

// lazyObject is an object whose members are made when they are first asked for: a call uses few of what there is, and making all
// of them for each would take longer than most functions run.
type lazyObject struct {
	names   []string
	create  func(name string) goja.Value
	created map[string]goja.Value
	backing any // what the object stands for, such as a cursor; nil: nothing
}

// newLazyObject makes such an object. make is only asked for the names.
func (r *run) newLazyObject(of any, names []string, make func(name string) goja.Value) *goja.Object {
	return r.vm.NewDynamicObject(&lazyObject{names: names, create: make, created: map[string]goja.Value{}, backing: of})
}

// Get gives a member.
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

// Set puts something else in a member's place, in this call.
func (m *lazyObject) Set(key string, v goja.Value) bool {
	if !m.Has(key) {
		m.names = append(m.names[:len(m.names):len(m.names)], key)
	}
	m.created[key] = v
	return true
}

// Has tells whether there is such a member.
func (m *lazyObject) Has(key string) bool { return known(m.names, key) }

// Delete refuses: members stay.
func (m *lazyObject) Delete(key string) bool { return !m.Has(key) }

// Keys lists the members.
func (m *lazyObject) Keys() []string { return m.names }

// backingOf gives what an object with members stands for; nil where it is none.
func backingOf(v goja.Value) any {
	if m, ok := exportAs[*lazyObject](v); ok {
		return m.backing
	}
	return nil
}
