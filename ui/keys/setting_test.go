package keys_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"dossier/ui/keys"
)

func setting(name string, bound ...string) keys.Setting {
	return keys.Setting{Name: name, Keys: bound, Place: "config.toml line 3"}
}

func TestSettingsReplaceTheKeysOfAnEntry(t *testing.T) {
	m, err := keys.Default().Rebind([]keys.Setting{
		setting("document.edit", "f2", "Shift+Alt+e", "shift+w", "Escape+"),
	})
	if err == nil {
		t.Fatalf("Escape+ is accepted: %v", m)
	}
	m, err = keys.Default().Rebind([]keys.Setting{
		setting("document.edit", "f2", "Shift+Alt+e", "shift+w", "+"), setting("document.open-all"),
		setting("everywhere.quit"), setting("everywhere.refresh", "q"), setting("search.cancel", "alt+x"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		press tea.KeyPressMsg
		want  keys.Action
	}{
		{tea.KeyPressMsg{Code: tea.KeyF2}, keys.EditField},
		{tea.KeyPressMsg{Code: 'e', Mod: tea.ModAlt | tea.ModShift}, keys.EditField},
		{tea.KeyPressMsg{Code: 'w', Mod: tea.ModShift, Text: "W"}, keys.EditField},
		{tea.KeyPressMsg{Code: '+', Text: "+"}, keys.EditField},
		{tea.KeyPressMsg{Code: 'q', Text: "q"}, keys.Refresh},
		{tea.KeyPressMsg{Code: 'e', Text: "e"}, ""},
	} {
		if got, _ := m.Resolve(test.press, keys.Document, keys.Everywhere); got != test.want {
			t.Errorf("%s: %q, want %q", test.press, got, test.want)
		}
	}
	if got := m.KeyOf(keys.Document, keys.EditField); got != "f2" {
		t.Errorf("the help shows %q", got)
	}
	if got := keys.Default().KeyOf(keys.Document, keys.EditField); got != "e" {
		t.Errorf("the default table was changed: %q", got)
	}
}

func TestWrongSettings(t *testing.T) {
	for _, test := range []struct {
		settings []keys.Setting
		want     []string
	}{
		{[]keys.Setting{setting("documnt.edit", "x")}, []string{`unknown scope "documnt"`, "dossier bindings"}},
		{[]keys.Setting{setting("document.edti", "x")}, []string{`unknown action "edti"`, "edit, add"}},
		{[]keys.Setting{setting("document.edit", "ctl+e")}, []string{`unknown key "ctl+e"`}},
		{[]keys.Setting{setting("document.edit", "f99")}, []string{`unknown key "f99"`}},
		{[]keys.Setting{setting("document.edit", "")}, []string{`unknown key ""`}},
		{[]keys.Setting{setting("document.edit", "ctrl+m")}, []string{"enter"}},
		{[]keys.Setting{setting("document.edit", "Ctrl+C")}, []string{"always quits"}},
		{[]keys.Setting{setting("document.edit", "a")}, []string{"document.edit", "document.add"}},
		{[]keys.Setting{setting("document.edit", "r")}, []string{"document.edit", "everywhere.refresh"}},
		{[]keys.Setting{setting("everywhere.quit", "e")}, []string{"document.edit", "everywhere.quit"}},
		{[]keys.Setting{setting("document.edit", "ctrl+e"), setting("document.add", "ctrl+e")},
			[]string{"document.edit (edit)", "document.add (add)"}},
		{[]keys.Setting{setting("document.edit", "f2"), setting("document.edit", "f3")}, []string{"also set at"}},
		{[]keys.Setting{setting("field.accept", "x")}, []string{"is typed there"}},
		{[]keys.Setting{setting("search.next-match", "space")}, []string{"is typed there"}},
		{[]keys.Setting{setting("search.cancel")}, []string{"needs a key that closes it"}},
	} {
		m, err := keys.Default().Rebind(test.settings)
		var wrong *keys.SettingError
		if m != nil || !errors.As(err, &wrong) || wrong.Place != "config.toml line 3" ||
			slices.ContainsFunc(test.want, func(part string) bool { return !strings.Contains(wrong.Message, part) }) {
			t.Errorf("%v: %v", test.settings, err)
		}
	}
}

// The default table passes the checks of settings.
func TestDefaultKeysCanBeSettings(t *testing.T) {
	var all []keys.Setting
	for _, e := range keys.Default() {
		all = append(all, setting(e.Name(), e.Binding.Keys()...))
	}
	if _, err := keys.Default().Rebind(all); err != nil {
		t.Error(err)
	}
}

func TestExpand(t *testing.T) {
	m, err := keys.Default().Rebind([]keys.Setting{setting("document.edit", "f2"), setting("everywhere.accounts")})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"": "", "no key": "no key", "{document.edit}": "f2",
		"{document.edit} edits, {document.find} finds": "f2 edits, / finds",
		"{everywhere.accounts} opens them":             "ctrl+k (accounts) opens them", "{a} {": "{a} {",
		"{{document.edit}}":                 "{f2}",
		"{document.nothing} {document.edit": "{document.nothing} {document.edit",
	} {
		if got := m.Expand(text); got != want {
			t.Errorf("%q is expanded to %q, want %q", text, got, want)
		}
	}
}
