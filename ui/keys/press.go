package keys

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// keyCode returns the code of a key that has a name, such as "enter" or "f2".
func keyCode(name string) (rune, bool) {
	for _, k := range namedKeys() {
		if k.name == name {
			return k.code, true
		}
	}
	var number rune
	n, _ := fmt.Sscanf(name, "f%d", &number)
	if n == 1 && number >= 1 && number <= 24 && name == fmt.Sprintf("f%d", number) {
		return tea.KeyF1 + number - 1, true
	}
	return 0, false
}

// namedKey is a key with a name.
type namedKey struct {
	name  string
	code  rune
	alias string // how users write it, too; "": none
}

// namedKeys returns the keys with names, without the function keys.
func namedKeys() []namedKey {
	return []namedKey{
		{"enter", tea.KeyEnter, "return"}, {"esc", tea.KeyEscape, "escape"}, {"tab", tea.KeyTab, ""},
		{"backspace", tea.KeyBackspace, ""}, {"delete", tea.KeyDelete, "del"}, {"insert", tea.KeyInsert, ""},
		{"up", tea.KeyUp, ""}, {"down", tea.KeyDown, ""}, {"left", tea.KeyLeft, ""}, {"right", tea.KeyRight, ""},
		{"home", tea.KeyHome, ""}, {"end", tea.KeyEnd, ""}, {"pgup", tea.KeyPgUp, "pageup"},
		{"pgdown", tea.KeyPgDown, "pagedown"}, {"space", tea.KeySpace, " "},
	}
}

// modifierCode returns the code of a modifier of a key's name; 0: there is none.
func modifierCode(name string) tea.KeyMod {
	return map[string]tea.KeyMod{"ctrl": tea.ModCtrl, "alt": tea.ModAlt, "shift": tea.ModShift, "meta": tea.ModMeta,
		"hyper": tea.ModHyper, "super": tea.ModSuper}[name]
}

// Press returns the key press with a name as Bubble Tea writes it: "e", "E", "enter", "ctrl+k", "shift+tab".
func Press(name string) tea.KeyPressMsg {
	var press tea.KeyPressMsg
	for {
		before, after, found := strings.Cut(name, "+")
		code := modifierCode(before)
		if !found || after == "" || code == 0 {
			break
		}
		press.Mod |= code
		name = after
	}
	if code, ok := keyCode(name); ok {
		press.Code = code
		if name == "space" && press.Mod == 0 {
			press.Text = " "
		}
		return press
	}
	press.Code, _ = utf8.DecodeRuneInString(name)
	if press.Mod&^tea.ModShift == 0 {
		press.Text = name
	}
	return press
}
