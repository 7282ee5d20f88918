package functions

import "github.com/dop251/goja"

// members is an object whose members are made when they are first asked for: a call uses few of what there is, and making all
// of them for each would take longer than most functions run.
type members struct {
	names []string
	make  func(name string) goja.Value
	made  map[string]goja.Value
	of    any // what the object stands for, such as a cursor; nil: nothing
}

// members makes such an object. make is only asked for the names.
func (r *run) members(of any, names []string, make func(name string) goja.Value) *goja.Object {
	return r.vm.NewDynamicObject(&members{names: names, make: make, made: map[string]goja.Value{}, of: of})
}

// Get gives a member.
func (m *members) Get(key string) goja.Value {
	if v, ok := m.made[key]; ok {
		return v
	}
	if !m.Has(key) {
		return nil
	}
	v := m.make(key)
	m.made[key] = v
	return v
}

// Set puts something else in a member's place, in this call.
func (m *members) Set(key string, v goja.Value) bool {
	if !m.Has(key) {
		m.names = append(m.names[:len(m.names):len(m.names)], key)
	}
	m.made[key] = v
	return true
}

// Has tells whether there is such a member.
func (m *members) Has(key string) bool { return known(m.names, key) }

// Delete refuses: members stay.
func (m *members) Delete(key string) bool { return !m.Has(key) }

// Keys lists the members.
func (m *members) Keys() []string { return m.names }

// standsFor gives what an object with members stands for; nil where it is none.
func standsFor(v goja.Value) any {
	if m, ok := exported[*members](v); ok {
		return m.of
	}
	return nil
}
