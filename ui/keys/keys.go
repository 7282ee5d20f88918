// Package keys holds the table of key bindings: action, scope, keys.
// The root's dispatch, the footer, the help, the command palette and the README's key table read it.
//
// May import: nothing of ours.
package keys

import (
	"slices"
	"strconv"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// Entry declares an action once in one scope. Footer and help print the binding's help.
type Entry struct {
	Action  Action
	Scope   Scope
	Binding key.Binding
	Footer  bool // shown in the footer when it fits
	Task    Task // what the help groups it under; empty: its scope
}

// Name returns the entry's name in the configuration file, such as "document.edit".
func (e Entry) Name() string { return string(e.Scope) + "." + string(e.Action) }

// Map is the whole table, in the order of the help.
type Map []Entry

// Resolve returns the action that the first matching scope binds to a key press.
func (m Map) Resolve(press tea.KeyPressMsg, scopes ...Scope) (Action, bool) {
	name := press.String()
	for _, s := range scopes {
		for _, e := range m {
			if e.Scope == s && e.Binding.Enabled() && slices.Contains(e.Binding.Keys(), name) {
				return e.Action, true
			}
		}
	}
	return "", false
}

// KeyOf returns the main key of an action in a scope, as the help shows it; "" if it has none.
func (m Map) KeyOf(s Scope, a Action) string {
	for _, e := range m {
		if e.Scope == s && e.Action == a {
			return e.Binding.Help().Key
		}
	}
	return ""
}

// Expand replaces names of entries in braces, as in "{document.find} finds a field", by their keys: "/ finds a field".
// An entry without a key is named as the command palette finds it.
func (m Map) Expand(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		shown, found := "", false
		if ok && closed {
			shown, found = m.shown(name)
		}
		switch {
		case found && b.Len() == 0 && after == "":
			return before + shown
		case found:
			b.WriteString(before + shown)
			text = after
		case ok:
			b.WriteString(before + "{")
			text = rest
		case b.Len() == 0:
			return text
		default:
			return b.String() + text
		}
	}
}

// shown returns the key that stands for an entry in a sentence.
func (m Map) shown(name string) (key string, found bool) {
	scope, action, _ := strings.Cut(name, ".")
	for _, e := range m {
		if e.Scope != Scope(scope) || e.Action != Action(action) {
			continue
		}
		if key = e.Binding.Help().Key; key == "" {
			key = strings.TrimSpace(m.KeyOf(Everywhere, OpenPalette) + " (" + e.Binding.Help().Desc + ")")
		}
		return key, true
	}
	return "", false
}

// StartingWith returns the table with the entries of some scopes first, in the given order.
func (m Map) StartingWith(first ...Scope) Map {
	scopes := slices.Clone(first)
	for _, e := range m {
		scopes = append(scopes, e.Scope)
	}
	sorted := make(Map, 0, len(m))
	added := map[Scope]bool{}
	for _, s := range scopes {
		if added[s] {
			continue
		}
		added[s] = true
		for _, e := range m {
			if e.Scope == s {
				sorted = append(sorted, e)
			}
		}
	}
	return sorted
}

// WithKeyNames returns the table with arrow keys named instead of drawn: in ASCII an arrow would be ^ or v,
// which read as other keys.
func (m Map) WithKeyNames() Map {
	named := make(Map, len(m))
	for i, e := range m {
		help := e.Binding.Help()
		for name, sign := range arrowSigns {
			if help.Key == sign {
				e.Binding.SetHelp(name, help.Desc)
			}
		}
		named[i] = e
	}
	return named
}

// WithLevelsAsOne returns the table with one entry in place of those that open the document to a level, if each is
// bound to its digit only.
func (m Map) WithLevelsAsOne() Map {
	merged := make(Map, 0, len(m))
	for _, e := range m {
		n, isLevel := Level(e.Action)
		switch {
		case isLevel && !slices.Equal(e.Binding.Keys(), []string{strconv.Itoa(n)}):
			return m
		case isLevel && n == 2: // that has an effect more often than level 1
			e.Binding.SetHelp("1 to 9", "open to that level")
		case isLevel:
			continue
		}
		merged = append(merged, e)
	}
	return merged
}

// Duplicate is a key with two actions in one scope; a test requires that none exists.
type Duplicate struct {
	Scope Scope
	Key   string
	A, B  Action
}

// Duplicates returns every Duplicate of the table.
func (m Map) Duplicates() (found []Duplicate) {
	type scopeKey struct {
		scope Scope
		key   string
	}
	seen := map[scopeKey]Action{}
	for _, e := range m {
		for _, k := range e.Binding.Keys() {
			if other, dup := seen[scopeKey{e.Scope, k}]; dup {
				found = append(found, Duplicate{e.Scope, k, other, e.Action})
			}
			seen[scopeKey{e.Scope, k}] = e.Action
		}
	}
	return found
}
