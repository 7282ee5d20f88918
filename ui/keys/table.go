package keys

import "charm.land/bubbles/v2/key"

func on(scope Scope, action Action, help string, keys ...string) Entry {
	return Entry{Action: action, Scope: scope, Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown(keys[0]), help))}
}

// foot marks an entry for the foot line.
func foot(e Entry) Entry { e.Foot = true; return e }

// shown is a key as people write it.
func shown(k string) string {
	if sign, ok := arrows[k]; ok {
		return sign
	}
	return k
}

// arrows are the keys that have a sign.
var arrows = map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→"}

// moving is how every list moves.
func moving(s Scope) Map {
	return Map{
		on(s, Up, "up", "up", "k"), on(s, Down, "down", "down", "j"),
		on(s, PageUp, "page up", "pgup", "ctrl+b"), on(s, PageDown, "page down", "pgdown", "ctrl+f"),
		on(s, Top, "top", "home", "g"), on(s, Bottom, "bottom", "end", "G"),
	}
}

// Default is dossier's keyboard.
func Default() Map {
	m := Map{
		foot(on(Document, EditField, "edit", "e", "enter")),
		foot(on(Document, AddField, "add", "a")),
		foot(on(Document, RemoveField, "remove", "d")),
		on(Document, EditWhole, "whole document", "E"),
		on(Document, DropDocument, "empty or delete the document", "D"),
		on(Document, Toggle, "fold or open", "space"),
		on(Document, Fold, "fold, then parent", "left", "h"),
		on(Document, Unfold, "open", "right", "l"),
		on(Document, FoldAll, "fold all", "-"),
		on(Document, UnfoldAll, "open all", "+", "="),
		foot(on(Document, Find, "find", "/")),
		on(Document, FindNext, "next match", "n"),
		on(Document, FindPrevious, "previous match", "N"),
		on(Document, Cancel, "forget the find", "esc"),
		on(Document, ViewValue, "view the whole value", "v"),
		on(Document, CopyValue, "copy value", "y"),
		on(Document, CopyPath, "copy path", "Y"),
	}
	m = append(m, moving(Document)...)
	for _, s := range []Scope{Account, Identities, Activity, Session} {
		m = append(m, on(s, CopyValue, "copy value", "y"))
		m = append(m, moving(s)...)
	}
	m = append(m,
		foot(on(Everywhere, Refresh, "refresh", "r")),
		foot(on(Everywhere, CompareTokens, "compare", "c")),
		foot(on(Everywhere, OpenAccounts, "accounts", "s")),
		on(Everywhere, CallFunction, "functions", "f"),
		on(Everywhere, Undo, "undo the last save", "U"),
		on(Everywhere, OpenThemes, "themes", "t"),
		on(Everywhere, Mask, "mask personal data", "m"),
		on(Everywhere, NextPane, "next pane", "tab"),
		on(Everywhere, PreviousPane, "previous pane", "shift+tab"),
		on(Everywhere, Palette, "command palette", "ctrl+k"),
		foot(on(Everywhere, ShowHelp, "help", "?")),
		foot(on(Everywhere, Quit, "quit", "q")),
	)
	m = append(m, foot(on(Dialog, Accept, "accept", "enter")), foot(on(Dialog, Cancel, "close", "esc")))
	m = append(m,
		foot(on(Field, Accept, "review", "enter")), foot(on(Field, Retype, "type", "ctrl+t")), foot(on(Field, Cancel, "cancel", "esc")),
		foot(on(Review, Save, "save", "enter", "s")), foot(on(Review, Cancel, "back", "esc")),
		foot(on(Whole, Accept, "review", "ctrl+s")), foot(on(Whole, Cancel, "cancel", "esc")),
		foot(on(Conflict, TakeYours, "yours", "y", "left")), foot(on(Conflict, TakeTheirs, "theirs", "t", "right")),
		foot(on(Conflict, EditField, "type a third", "e")), foot(on(Conflict, Accept, "review", "enter")), foot(on(Conflict, Cancel, "close", "esc")),
		foot(on(Compare, Refresh, "refresh", "r")), on(Compare, CompareTokens, "look again", "c"), foot(on(Compare, Cancel, "close", "esc")),
		foot(on(People, Accept, "switch", "enter")), foot(on(People, SignIn, "sign in", "a")), foot(on(People, SignOut, "sign out", "d")),
		foot(on(People, LinkIdentity, "link identity", "i")), foot(on(People, Cancel, "close", "esc")),
		foot(on(Themes, Accept, "use", "enter")), foot(on(Themes, Cancel, "as before", "esc")),
		foot(on(Help, Find, "find", "/")), foot(on(Help, Cancel, "close", "esc", "?")),
	)
	m = append(m, looking()...)
	m = append(m, editing()...)
	m = append(m, dialogs()...)
	for _, s := range []Scope{Review, NotSaved, Conflict, Compare, People, Themes, Help, Viewing, Dialog, Types, Function, Result} {
		m = append(m, moving(s)...)
	}
	return m
}

// looking is what finding, the palette and the viewer add.
func looking() Map {
	return Map{
		foot(on(Finding, Accept, "stay here", "enter")), foot(on(Finding, FindNext, "next", "down", "ctrl+n")),
		foot(on(Finding, FindPrevious, "previous", "up", "ctrl+p")), foot(on(Finding, Cancel, "back", "esc")),
		foot(on(Searching, Accept, "stay here", "enter")), foot(on(Searching, Cancel, "all keys", "esc")),
		on(Searching, Up, "up", "up"), on(Searching, Down, "down", "down"), on(Searching, PageUp, "page up", "pgup"), on(Searching, PageDown, "page down", "pgdown"),
		foot(on(Commands, Accept, "do it", "enter")), foot(on(Commands, Up, "previous", "up", "ctrl+p")), foot(on(Commands, Down, "next", "down", "ctrl+n")),
		on(Commands, PageUp, "page up", "pgup"), on(Commands, PageDown, "page down", "pgdown"), foot(on(Commands, Cancel, "close", "esc", "ctrl+k")),
		foot(on(Viewing, CopyValue, "copy", "y")), foot(on(Viewing, Cancel, "close", "esc", "v")),
	}
}

// editing is what the editor's steps add.
func editing() Map {
	m := Map{
		on(Field, NextField, "next field", "tab", "down"), on(Field, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(LongText, Accept, "review", "ctrl+s")), foot(on(LongText, Retype, "type", "ctrl+t")), foot(on(LongText, Cancel, "cancel", "esc")),
		on(LongText, NextField, "next field", "tab"), on(LongText, PreviousField, "previous field", "shift+tab"),
		foot(on(Choice, Toggle, "the other", "space", "left", "right")),
		foot(on(Choice, Accept, "review", "enter")), foot(on(Choice, Retype, "type", "ctrl+t")), foot(on(Choice, Cancel, "cancel", "esc")),
		on(Choice, NextField, "next field", "tab", "down"), on(Choice, PreviousField, "previous field", "shift+tab", "up"),
		on(Choice, ChooseTrue, "true", "t", "y"), on(Choice, ChooseFalse, "false", "f", "n"),
		foot(on(Constant, Accept, "review", "enter")), foot(on(Constant, Retype, "type", "ctrl+t")), foot(on(Constant, Cancel, "cancel", "esc")),
		on(Constant, NextField, "next field", "tab", "down"), on(Constant, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(NotSaved, Retry, "try again", "r", "enter", "s")), foot(on(NotSaved, Cancel, "back", "esc")), foot(on(NotSaved, EditField, "edit again", "e")),
		on(NotSaved, AddField, "add another", "a"), on(NotSaved, RemoveField, "take this change back", "d"), on(NotSaved, CallFunction, "save by a function", "f"),
		foot(on(Types, Accept, "this type", "enter")), foot(on(Types, Cancel, "as before", "esc")),
		foot(on(Reading, Retry, "try again", "r")), foot(on(Reading, Cancel, "close", "esc")),
		foot(on(Kept, Accept, "continue", "enter")), foot(on(Kept, Drop, "drop it", "d")), foot(on(Kept, Cancel, "close", "esc")),
		foot(on(Leaving, Cancel, "close, keep it", "esc")), foot(on(Leaving, Drop, "drop it", "d")), foot(on(Leaving, Accept, "go on", "enter")),
		foot(on(Review, EditField, "edit again", "e")), foot(on(Review, AddField, "add another", "a")),
		on(Review, RemoveField, "take this change back", "d"), on(Review, Retry, "try again", "r"), on(Review, CallFunction, "save by a function", "f"),
	}
	return m
}

// dialogs is what the dialogs about people and functions add.
func dialogs() Map {
	return Map{
		foot(on(Credential, Accept, "go", "enter")), foot(on(Credential, OtherProvider, "provider", "ctrl+t")), foot(on(Credential, Register, "create an account", "ctrl+r")),
		on(Credential, NextField, "next field", "tab", "down"), on(Credential, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(Credential, Cancel, "close", "esc")),
		foot(on(Function, Accept, "choose", "enter")), foot(on(Function, Cancel, "close", "esc")),
		foot(on(Arguments, Accept, "call", "enter")), foot(on(Arguments, Cancel, "back", "esc")),
		on(Arguments, NextField, "next field", "tab", "down"), on(Arguments, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(Result, CopyValue, "copy", "y")), foot(on(Result, EditField, "call again", "e", "enter")), foot(on(Result, Cancel, "close", "esc")),
	}
}
