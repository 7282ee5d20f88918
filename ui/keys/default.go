package keys

import (
	"slices"

	"charm.land/bubbles/v2/key"
)

func bind(scope Scope, action Action, help string, keys ...string) Entry {
	return Entry{Action: action, Scope: scope, Binding: key.NewBinding(key.WithKeys(keys...),
		key.WithHelp(keyName(keys[0]), help))}
}

// inFooter marks an entry for the footer.
func inFooter(e Entry) Entry { e.Footer = true; return e }

// keyName returns a key's name for the help.
func keyName(k string) string {
	if sign, ok := arrowSigns[k]; ok {
		return sign
	}
	return k
}

// arrowSigns are the signs of the arrow keys.
var arrowSigns = map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→"}

// movementKeys returns the keys that move in a list.
func movementKeys(s Scope) Map {
	return Map{
		bind(s, Up, "up", "up", "k"), bind(s, Down, "down", "down", "j"),
		bind(s, PageUp, "page up", "pgup", "ctrl+b"), bind(s, PageDown, "page down", "pgdown", "ctrl+f"),
		bind(s, Top, "top", "home", "g"), bind(s, Bottom, "bottom", "end", "G"),
	}
}

// Default returns the default key bindings.
func Default() Map {
	m := append(documentKeys(), movementKeys(Document)...)
	for _, s := range []Scope{Account, Identities, Activity, Session} {
		m = append(m, bind(s, CopyValue, "copy value", "y"))
		m = append(m, movementKeys(s)...)
	}
	m = slices.Concat(m, everywhereKeys(), overlayKeys(), searchKeys(), editorKeys(), dialogKeys())
	lists := []Scope{Review, SaveFailed, Conflict, Compare, Accounts, Themes, Help, ValueViewer, Dialog,
		KindPicker, FunctionPicker, FunctionResult}
	for _, s := range lists {
		m = append(m, movementKeys(s)...)
	}
	return m
}

// documentKeys returns the keys of the custom data pane.
func documentKeys() Map {
	return Map{
		inFooter(bind(Document, EditField, "edit", "e", "enter")),
		inFooter(bind(Document, AddField, "add", "a")),
		inFooter(bind(Document, RemoveField, "remove", "d")),
		inFooter(bind(Document, ReviewDraft, "review draft", "ctrl+s")),
		bind(Document, EditDocument, "edit document", "E"),
		bind(Document, EmptyOrDelete, "empty or delete the document", "D"),
		bind(Document, Toggle, "fold or open", "space"),
		bind(Document, Fold, "fold, or go to the parent", "left", "h"),
		bind(Document, Unfold, "open", "right", "l"),
		bind(Document, FoldAll, "fold all", "-"),
		bind(Document, UnfoldAll, "open all", "+", "="),
		inFooter(bind(Document, Find, "find", "/")),
		bind(Document, FindNext, "next match", "n"),
		bind(Document, FindPrevious, "previous match", "N"),
		bind(Document, Cancel, "clear the search", "esc"),
		bind(Document, ViewValue, "view value", "v"),
		bind(Document, RevealValue, "reveal a masked value", "M"),
		bind(Document, CopyValue, "copy value", "y"),
		bind(Document, CopyPath, "copy path", "Y"),
	}
}

// everywhereKeys returns the keys that work in every pane.
func everywhereKeys() Map {
	return Map{
		inFooter(bind(Everywhere, Refresh, "refresh", "r")),
		inFooter(bind(Everywhere, CompareTokens, "compare", "c")),
		inFooter(bind(Everywhere, OpenAccounts, "accounts", "s")),
		bind(Everywhere, CallFunction, "functions", "f"),
		bind(Everywhere, Undo, "undo the last save", "U"),
		bind(Everywhere, OpenThemes, "themes", "t"),
		bind(Everywhere, Mask, "mask personal data", "m"),
		bind(Everywhere, NextPane, "next pane", "tab"),
		bind(Everywhere, PreviousPane, "previous pane", "shift+tab"),
		bind(Everywhere, OpenPalette, "command palette", "ctrl+k"),
		inFooter(bind(Everywhere, ShowHelp, "help", "?")),
		bind(Everywhere, Suspend, "suspend", "ctrl+z"),
		inFooter(bind(Everywhere, Quit, "quit", "q")),
	}
}

// overlayKeys returns the main keys of each overlay.
func overlayKeys() Map {
	return Map{
		inFooter(bind(Dialog, Accept, "accept", "enter")),
		inFooter(bind(Dialog, Cancel, "close", "esc")),
		inFooter(bind(Field, Accept, "review", "enter")),
		inFooter(bind(Field, ChangeType, "change type", "ctrl+t")),
		inFooter(bind(Field, Cancel, "cancel", "esc")),
		inFooter(bind(Review, Save, "save", "enter", "s")),
		inFooter(bind(Review, Cancel, "back", "esc")),
		inFooter(bind(DocumentEditor, Accept, "review", "ctrl+s")),
		inFooter(bind(DocumentEditor, Cancel, "cancel", "esc")),
		inFooter(bind(Conflict, TakeYours, "take yours", "y", "left")),
		inFooter(bind(Conflict, TakeTheirs, "take theirs", "t", "right")),
		inFooter(bind(Conflict, EditField, "type a value", "e")),
		inFooter(bind(Conflict, Accept, "review", "enter")),
		inFooter(bind(Conflict, Cancel, "close", "esc")),
		inFooter(bind(Compare, Refresh, "refresh", "r")),
		bind(Compare, CompareTokens, "check again", "c"),
		inFooter(bind(Compare, Cancel, "close", "esc")),
		inFooter(bind(Accounts, Accept, "switch", "enter")),
		inFooter(bind(Accounts, SignIn, "sign in", "a")),
		inFooter(bind(Accounts, SignOut, "sign out or remove", "d")),
		inFooter(bind(Accounts, LinkIdentity, "link identity", "i")),
		inFooter(bind(Accounts, Cancel, "close", "esc")),
		inFooter(bind(SignOutPrompt, Accept, "sign out", "enter")),
		inFooter(bind(SignOutPrompt, Cancel, "cancel", "esc")),
		inFooter(bind(RemovePrompt, Accept, "remove", "enter")),
		inFooter(bind(RemovePrompt, Cancel, "cancel", "esc")),
		inFooter(bind(Waiting, Cancel, "stop waiting", "esc")),
		inFooter(bind(Themes, Accept, "use", "enter")),
		inFooter(bind(Themes, Cancel, "cancel", "esc")),
		inFooter(bind(Help, Find, "find", "/")),
		inFooter(bind(Help, Cancel, "close", "esc", "?")),
	}
}

// searchKeys returns the keys of search, command palette and value viewer.
func searchKeys() Map {
	return Map{
		inFooter(bind(FindInDocument, Accept, "stay at match", "enter")),
		inFooter(bind(FindInDocument, FindNext, "next", "down", "ctrl+n")),
		inFooter(bind(FindInDocument, FindPrevious, "previous", "up", "ctrl+p")),
		inFooter(bind(FindInDocument, Cancel, "back", "esc")),
		inFooter(bind(FindInHelp, Accept, "done", "enter")),
		inFooter(bind(FindInHelp, Cancel, "clear", "esc")),
		bind(FindInHelp, Up, "up", "up"),
		bind(FindInHelp, Down, "down", "down"),
		bind(FindInHelp, PageUp, "page up", "pgup"),
		bind(FindInHelp, PageDown, "page down", "pgdown"),
		inFooter(bind(CommandPalette, Accept, "run", "enter")),
		inFooter(bind(CommandPalette, Up, "previous", "up", "ctrl+p")),
		inFooter(bind(CommandPalette, Down, "next", "down", "ctrl+n")),
		bind(CommandPalette, PageUp, "page up", "pgup"),
		bind(CommandPalette, PageDown, "page down", "pgdown"),
		inFooter(bind(CommandPalette, Cancel, "close", "esc", "ctrl+k")),
		inFooter(bind(ValueViewer, CopyValue, "copy", "y")),
		inFooter(bind(ValueViewer, Cancel, "close", "esc", "v")),
	}
}

// editorKeys returns the keys of the editor's steps.
func editorKeys() Map {
	return Map{
		bind(Field, NextField, "next field", "tab", "down"),
		bind(Field, PreviousField, "previous field", "shift+tab", "up"),
		inFooter(bind(LongText, Accept, "review", "ctrl+s")),
		inFooter(bind(LongText, ChangeType, "change type", "ctrl+t")),
		inFooter(bind(LongText, Cancel, "cancel", "esc")),
		bind(LongText, NextField, "next field", "tab"),
		bind(LongText, PreviousField, "previous field", "shift+tab"),
		inFooter(bind(BoolInput, Toggle, "toggle", "space", "left", "right")),
		inFooter(bind(BoolInput, Accept, "review", "enter")),
		inFooter(bind(BoolInput, ChangeType, "change type", "ctrl+t")),
		inFooter(bind(BoolInput, Cancel, "cancel", "esc")),
		bind(BoolInput, NextField, "next field", "tab", "down"),
		bind(BoolInput, PreviousField, "previous field", "shift+tab", "up"),
		bind(BoolInput, ChooseTrue, "true", "t", "y"),
		bind(BoolInput, ChooseFalse, "false", "f", "n"),
		inFooter(bind(ConstantInput, Accept, "review", "enter")),
		inFooter(bind(ConstantInput, ChangeType, "change type", "ctrl+t")),
		inFooter(bind(ConstantInput, Cancel, "cancel", "esc")),
		bind(ConstantInput, NextField, "next field", "tab", "down"),
		bind(ConstantInput, PreviousField, "previous field", "shift+tab", "up"),
		inFooter(bind(SaveFailed, Retry, "try again", "r", "enter", "s")),
		inFooter(bind(SaveFailed, Cancel, "back", "esc")),
		inFooter(bind(SaveFailed, EditField, "edit again", "e")),
		bind(SaveFailed, AddField, "add a field", "a"),
		inFooter(bind(SaveFailed, RemoveField, "revert this change", "d")),
		inFooter(bind(SaveFailed, CallFunction, "save with a function", "f")),
		inFooter(bind(UndoReview, Save, "save", "enter", "s")),
		inFooter(bind(UndoReview, Retry, "try again", "r")),
		inFooter(bind(UndoReview, Cancel, "back", "esc")),
		bind(UndoReview, EditField, "edit again", "e"),
		bind(UndoReview, AddField, "add a field", "a"),
		bind(UndoReview, RemoveField, "revert this change", "d"),
		bind(UndoReview, CallFunction, "save with a function", "f"),
		inFooter(bind(KindPicker, Accept, "select", "enter")),
		inFooter(bind(KindPicker, Cancel, "cancel", "esc")),
		inFooter(bind(Loading, Retry, "try again", "r")),
		inFooter(bind(Loading, Cancel, "close", "esc")),
		inFooter(bind(Refusal, Cancel, "close", "esc")),
		inFooter(bind(DiscardPrompt, Cancel, "close, keep draft", "esc")),
		inFooter(bind(DiscardPrompt, Discard, "discard", "d")),
		inFooter(bind(DiscardPrompt, Accept, "keep editing", "enter")),
		inFooter(bind(Review, EditField, "edit again", "e")),
		inFooter(bind(Review, AddField, "add a field", "a")),
		inFooter(bind(Review, RemoveField, "revert this change", "d")),
		inFooter(bind(Review, CallFunction, "save with a function", "f")),
		inFooter(bind(Review, Retry, "try again", "r")),
	}
}

// dialogKeys returns the keys of the sign-in and function dialogs.
func dialogKeys() Map {
	return Map{
		inFooter(bind(SignInForm, Accept, "submit", "enter")),
		inFooter(bind(SignInForm, OtherProvider, "next provider", "ctrl+t")),
		inFooter(bind(SignInForm, Register, "create an account", "ctrl+r")),
		bind(SignInForm, NextField, "next field", "tab", "down"),
		bind(SignInForm, PreviousField, "previous field", "shift+tab", "up"),
		inFooter(bind(SignInForm, Cancel, "close", "esc")),
		inFooter(bind(FunctionPicker, Accept, "choose", "enter")),
		inFooter(bind(FunctionPicker, Cancel, "close", "esc")),
		inFooter(bind(Arguments, Accept, "call", "enter")),
		inFooter(bind(Arguments, Cancel, "back", "esc")),
		bind(Arguments, NextField, "next field", "tab", "down"),
		bind(Arguments, PreviousField, "previous field", "shift+tab", "up"),
		inFooter(bind(FunctionResult, CopyValue, "copy", "y")),
		inFooter(bind(FunctionResult, EditField, "call again", "e", "enter")),
		inFooter(bind(FunctionResult, Cancel, "close", "esc")),
	}
}
