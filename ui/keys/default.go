package keys

import "charm.land/bubbles/v2/key"

func on(scope Scope, action Action, help string, keys ...string) Entry {
	return Entry{Action: action, Scope: scope, Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown(keys[0]), help))}
}

// foot marks an entry for the foot line.
func foot(e Entry) Entry { e.Footer = true; return e }

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
		on(Document, EditDocument, "whole document", "E"),
		on(Document, EmptyOrDelete, "empty or delete the document", "D"),
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
		on(Everywhere, OpenPalette, "command palette", "ctrl+k"),
		foot(on(Everywhere, ShowHelp, "help", "?")),
		foot(on(Everywhere, Quit, "quit", "q")),
	)
	m = append(m, foot(on(Dialog, Accept, "accept", "enter")), foot(on(Dialog, Cancel, "close", "esc")))
	m = append(m,
		foot(on(Field, Accept, "review", "enter")), foot(on(Field, ChangeType, "type", "ctrl+t")), foot(on(Field, Cancel, "cancel", "esc")),
		foot(on(Review, Save, "save", "enter", "s")), foot(on(Review, Cancel, "back", "esc")),
		foot(on(DocumentEditor, Accept, "review", "ctrl+s")), foot(on(DocumentEditor, Cancel, "cancel", "esc")),
		foot(on(Conflict, TakeYours, "yours", "y", "left")), foot(on(Conflict, TakeTheirs, "theirs", "t", "right")),
		foot(on(Conflict, EditField, "type a third", "e")), foot(on(Conflict, Accept, "review", "enter")), foot(on(Conflict, Cancel, "close", "esc")),
		foot(on(Compare, Refresh, "refresh", "r")), on(Compare, CompareTokens, "look again", "c"), foot(on(Compare, Cancel, "close", "esc")),
		foot(on(Accounts, Accept, "switch", "enter")), foot(on(Accounts, SignIn, "sign in", "a")), foot(on(Accounts, SignOut, "sign out", "d")),
		foot(on(Accounts, LinkIdentity, "link identity", "i")), foot(on(Accounts, Cancel, "close", "esc")),
		foot(on(Themes, Accept, "use", "enter")), foot(on(Themes, Cancel, "as before", "esc")),
		foot(on(Help, Find, "find", "/")), foot(on(Help, Cancel, "close", "esc", "?")),
	)
	m = append(m, looking()...)
	m = append(m, editing()...)
	m = append(m, dialogs()...)
	for _, s := range []Scope{Review, SaveFailed, Conflict, Compare, Accounts, Themes, Help, ValueViewer, Dialog, KindPicker, FunctionPicker, FunctionResult} {
		m = append(m, moving(s)...)
	}
	return m
}

// looking is what finding, the palette and the viewer add.
func looking() Map {
	return Map{
		foot(on(FindInDocument, Accept, "stay here", "enter")), foot(on(FindInDocument, FindNext, "next", "down", "ctrl+n")),
		foot(on(FindInDocument, FindPrevious, "previous", "up", "ctrl+p")), foot(on(FindInDocument, Cancel, "back", "esc")),
		foot(on(FindInHelp, Accept, "stay here", "enter")), foot(on(FindInHelp, Cancel, "all keys", "esc")),
		on(FindInHelp, Up, "up", "up"), on(FindInHelp, Down, "down", "down"), on(FindInHelp, PageUp, "page up", "pgup"), on(FindInHelp, PageDown, "page down", "pgdown"),
		foot(on(CommandPalette, Accept, "do it", "enter")), foot(on(CommandPalette, Up, "previous", "up", "ctrl+p")), foot(on(CommandPalette, Down, "next", "down", "ctrl+n")),
		on(CommandPalette, PageUp, "page up", "pgup"), on(CommandPalette, PageDown, "page down", "pgdown"), foot(on(CommandPalette, Cancel, "close", "esc", "ctrl+k")),
		foot(on(ValueViewer, CopyValue, "copy", "y")), foot(on(ValueViewer, Cancel, "close", "esc", "v")),
	}
}

// editing is what the editor's steps add.
func editing() Map {
	m := Map{
		on(Field, NextField, "next field", "tab", "down"), on(Field, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(LongText, Accept, "review", "ctrl+s")), foot(on(LongText, ChangeType, "type", "ctrl+t")), foot(on(LongText, Cancel, "cancel", "esc")),
		on(LongText, NextField, "next field", "tab"), on(LongText, PreviousField, "previous field", "shift+tab"),
		foot(on(BoolInput, Toggle, "the other", "space", "left", "right")),
		foot(on(BoolInput, Accept, "review", "enter")), foot(on(BoolInput, ChangeType, "type", "ctrl+t")), foot(on(BoolInput, Cancel, "cancel", "esc")),
		on(BoolInput, NextField, "next field", "tab", "down"), on(BoolInput, PreviousField, "previous field", "shift+tab", "up"),
		on(BoolInput, ChooseTrue, "true", "t", "y"), on(BoolInput, ChooseFalse, "false", "f", "n"),
		foot(on(ConstantInput, Accept, "review", "enter")), foot(on(ConstantInput, ChangeType, "type", "ctrl+t")), foot(on(ConstantInput, Cancel, "cancel", "esc")),
		on(ConstantInput, NextField, "next field", "tab", "down"), on(ConstantInput, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(SaveFailed, Retry, "try again", "r", "enter", "s")), foot(on(SaveFailed, Cancel, "back", "esc")), foot(on(SaveFailed, EditField, "edit again", "e")),
		on(SaveFailed, AddField, "add another", "a"), on(SaveFailed, RemoveField, "take this change back", "d"), on(SaveFailed, CallFunction, "save by a function", "f"),
		foot(on(KindPicker, Accept, "this type", "enter")), foot(on(KindPicker, Cancel, "as before", "esc")),
		foot(on(Loading, Retry, "try again", "r")), foot(on(Loading, Cancel, "close", "esc")),
		foot(on(DraftPrompt, Accept, "continue", "enter")), foot(on(DraftPrompt, Discard, "drop it", "d")), foot(on(DraftPrompt, Cancel, "close", "esc")),
		foot(on(DiscardPrompt, Cancel, "close, keep it", "esc")), foot(on(DiscardPrompt, Discard, "drop it", "d")), foot(on(DiscardPrompt, Accept, "go on", "enter")),
		foot(on(Review, EditField, "edit again", "e")), foot(on(Review, AddField, "add another", "a")),
		on(Review, RemoveField, "take this change back", "d"), on(Review, Retry, "try again", "r"), on(Review, CallFunction, "save by a function", "f"),
	}
	return m
}

// dialogs is what the dialogs about people and functions add.
func dialogs() Map {
	return Map{
		foot(on(SignInForm, Accept, "go", "enter")), foot(on(SignInForm, OtherProvider, "provider", "ctrl+t")), foot(on(SignInForm, Register, "create an account", "ctrl+r")),
		on(SignInForm, NextField, "next field", "tab", "down"), on(SignInForm, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(SignInForm, Cancel, "close", "esc")),
		foot(on(FunctionPicker, Accept, "choose", "enter")), foot(on(FunctionPicker, Cancel, "close", "esc")),
		foot(on(Arguments, Accept, "call", "enter")), foot(on(Arguments, Cancel, "back", "esc")),
		on(Arguments, NextField, "next field", "tab", "down"), on(Arguments, PreviousField, "previous field", "shift+tab", "up"),
		foot(on(FunctionResult, CopyValue, "copy", "y")), foot(on(FunctionResult, EditField, "call again", "e", "enter")), foot(on(FunctionResult, Cancel, "close", "esc")),
	}
}
