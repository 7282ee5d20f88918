package keys

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Setting is the keys that the user's configuration gives an entry of the table.
type Setting struct {
	Name  string   // of the entry, such as "document.edit"
	Keys  []string // the first one is shown; empty: none
	Place string   // where the setting is, for errors
}

// SettingError is the error of a setting.
type SettingError struct{ Place, Message string }

func (e *SettingError) Error() string { return e.Place + ": " + e.Message }

// Rebind returns the table with the settings applied. Its error is a *SettingError: an unknown name, an unknown key, or
// a key that would have two actions at once. Then no setting is applied.
func (m Map) Rebind(settings []Setting) (Map, error) {
	rebound, places := slices.Clone(m), map[string]string{}
	for _, s := range settings {
		fail := func(format string, args ...any) (Map, error) {
			return nil, &SettingError{s.Place, fmt.Sprintf(format, args...)}
		}
		i := slices.IndexFunc(m, func(e Entry) bool { return e.Name() == s.Name })
		if i < 0 {
			return fail("%s", m.unknown(s.Name))
		}
		if first, twice := places[s.Name]; twice {
			return fail("%s is also set at %s", s.Name, first)
		}
		places[s.Name] = s.Place
		names, message := m.keyNames(m[i], s.Keys)
		if message != "" {
			return fail("%s: %s", s.Name, message)
		}
		rebound[i] = m[i].withKeys(names)
	}
	if err := rebound.clash(places); err != nil {
		return nil, err
	}
	return rebound, nil
}

// withKeys returns the entry with other keys.
func (e Entry) withKeys(names []string) Entry {
	help := e.Binding.Help()
	e.Binding.SetKeys(names...)
	shown := ""
	if len(names) > 0 {
		shown = keyName(names[0])
	}
	e.Binding.SetHelp(shown, help.Desc)
	return e
}

// unknown returns the error of a name that no entry has.
func (m Map) unknown(name string) string {
	scope, action, _ := strings.Cut(name, ".")
	var actions []string
	for _, e := range m {
		if e.Scope == Scope(scope) {
			actions = append(actions, string(e.Action))
		}
	}
	if len(actions) == 0 {
		return fmt.Sprintf("unknown scope %q in %q; dossier bindings lists all names", scope, name)
	}
	return fmt.Sprintf("unknown action %q in %q (available: %s)", action, name, strings.Join(actions, ", "))
}

// keyNames returns the keys of a setting as Bubble Tea names them, or why one cannot be bound.
func (m Map) keyNames(e Entry, given []string) (names []string, message string) {
	if len(given) == 0 && e.Action == Cancel && !slices.Contains(Panes(), e.Scope) {
		return nil, "a dialog needs a key that closes it"
	}
	for _, text := range given {
		name, message := parseKey(text)
		switch {
		case message != "":
			return nil, message
		case name == "ctrl+c":
			return nil, "ctrl+c always quits and cannot be bound"
		case isCharacter(name) && m.takesText(e.Scope):
			return nil, fmt.Sprintf("%q is typed there, or selects by its letter; use a key such as ctrl+e, alt+e or f2", text)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, ""
}

// takesText reports whether characters cannot be bound in a scope. Where they can be, the default table does.
func (m Map) takesText(s Scope) bool {
	return !slices.ContainsFunc(m, func(e Entry) bool {
		return e.Scope == s && slices.ContainsFunc(e.Binding.Keys(), isCharacter)
	})
}

// isCharacter reports whether a key inserts a character into a text input.
func isCharacter(name string) bool { return name == "space" || utf8.RuneCountInString(name) == 1 }

// modifiers are the modifiers of a key's name, in their order there.
func modifiers() []string { return []string{"ctrl", "alt", "shift", "meta", "hyper", "super"} }

// parseKey returns a key's name as Bubble Tea writes it, or why there is no such key.
func parseKey(text string) (name, message string) {
	base, given := text, map[string]bool{}
	for {
		before, after, found := strings.Cut(base, "+")
		modifier := strings.ToLower(before)
		if !found || after == "" || !slices.Contains(modifiers(), modifier) {
			break
		}
		given[modifier], base = true, after
	}
	if base = keyAlias(base); base == "" {
		return "", fmt.Sprintf("unknown key %q (examples: e, E, f2, enter, space, pgup, ctrl+e, alt+e, shift+up)", text)
	}
	if r, _ := utf8.DecodeRuneInString(base); len(given) > 0 && utf8.RuneCountInString(base) == 1 {
		switch {
		case len(given) == 1 && given["shift"]:
			if !unicode.IsLetter(r) {
				return "", fmt.Sprintf("unknown key %q; write the character that it types", text)
			}
			return string(unicode.ToUpper(r)), ""
		case given["ctrl"] && len(given) == 1 && strings.ContainsRune("im[", unicode.ToLower(r)):
			same := map[rune]string{'i': "tab", 'm': "enter", '[': "esc"}[unicode.ToLower(r)]
			return "", fmt.Sprintf("%s is %s in most terminals; write %s", text, same, same)
		}
		base = string(unicode.ToLower(r))
	}
	for _, modifier := range modifiers() {
		if given[modifier] {
			name += modifier + "+"
		}
	}
	return name + base, ""
}

// keyAlias returns the name of a key without modifiers; "" if there is none.
func keyAlias(base string) string {
	if r, size := utf8.DecodeRuneInString(base); size == len(base) && unicode.IsGraphic(r) && r != ' ' {
		return base
	}
	name := strings.ToLower(base)
	for _, k := range namedKeys() {
		if k.alias == name && name != "" {
			return k.name
		}
	}
	if _, ok := keyCode(name); ok {
		return name
	}
	return ""
}

// clash returns the error of a key with two actions that apply at once, if a setting is one of them; places holds the
// settings by name.
func (m Map) clash(places map[string]string) error {
	for i, a := range m {
		for _, b := range m[i+1:] {
			place := places[a.Name()]
			if place == "" {
				place = places[b.Name()]
			}
			if place == "" || !applyAtOnce(a, b) {
				continue
			}
			for _, k := range a.Binding.Keys() {
				if slices.Contains(b.Binding.Keys(), k) {
					return &SettingError{place, fmt.Sprintf("%s is the key of both %s (%s) and %s (%s)", k,
						a.Name(), a.Binding.Help().Desc, b.Name(), b.Binding.Help().Desc)}
				}
			}
		}
	}
	return nil
}

// applyAtOnce reports whether two entries must not share a key: in one scope, or in a pane's scope and Everywhere. A
// dialog's keys come before those of every dialog (Dialog), and some are meant to replace them.
func applyAtOnce(a, b Entry) bool {
	return a.Scope == b.Scope || slices.Contains(Panes(), a.Scope) && slices.Contains(Panes(), b.Scope) &&
		(a.Scope == Everywhere || b.Scope == Everywhere)
}
