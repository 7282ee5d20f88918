package keys

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// keyCode returns the code of a key that has a name, such as "enter" or "f2".
func keyCode(name string) (rune, bool) {
	switch name {
	case "enter":
		return tea.KeyEnter, true
	case "esc":
		return tea.KeyEscape, true
	case "tab":
		return tea.KeyTab, true
	case "backspace":
		return tea.KeyBackspace, true
	case "delete":
		return tea.KeyDelete, true
	case "insert":
		return tea.KeyInsert, true
	case "up":
		return tea.KeyUp, true
	case "down":
		return tea.KeyDown, true
	case "left":
		return tea.KeyLeft, true
	case "right":
		return tea.KeyRight, true
	case "home":
		return tea.KeyHome, true
	case "end":
		return tea.KeyEnd, true
	case "pgup":
		return tea.KeyPgUp, true
	case "pgdown":
		return tea.KeyPgDown, true
	case "space":
		return tea.KeySpace, true
	}
	var number rune
	if n, _ := fmt.Sscanf(name, "f%d", &number); n == 1 && number >= 1 && number <= 24 {
		return tea.KeyF1 + number - 1, true
	}
	return 0, false
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
