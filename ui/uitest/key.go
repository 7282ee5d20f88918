package uitest

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome,
	"end":  tea.KeyEnd,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "space": tea.KeySpace,
}

// Key returns the key press with this name, as Bubble Tea writes it: "e", "E", "enter", "ctrl+k", "shift+tab".
func Key(name string) tea.KeyPressMsg {
	var press tea.KeyPressMsg
	rest := name
	for {
		switch {
		case strings.HasPrefix(rest, "ctrl+") && len(rest) > 5:
			press.Mod |= tea.ModCtrl
			rest = rest[5:]
			continue
		case strings.HasPrefix(rest, "alt+") && len(rest) > 4:
			press.Mod |= tea.ModAlt
			rest = rest[4:]
			continue
		case strings.HasPrefix(rest, "shift+") && len(rest) > 6:
			press.Mod |= tea.ModShift
			rest = rest[6:]
			continue
		}
		break
	}
	if code, ok := keyCodes[rest]; ok {
		press.Code = code
		if rest == "space" && press.Mod == 0 {
			press.Text = " "
		}
		return press
	}
	press.Code, _ = utf8.DecodeRuneInString(rest)
	if press.Mod&(tea.ModCtrl|tea.ModAlt) == 0 {
		press.Text = rest
	}
	return press
}
