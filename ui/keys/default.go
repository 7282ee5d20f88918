package keys

import (
	"slices"
	"strconv"

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
	return task(Moving,
		bind(s, Up, "up", "up", "k"), bind(s, Down, "down", "down", "j"),
		bind(s, PageUp, "page up", "pgup", "ctrl+b"), bind(s, PageDown, "page down", "pgdown", "ctrl+f"),
		bind(s, Top, "top", "home", "g"), bind(s, Bottom, "bottom", "end", "G"),
	)
}

// arrowKeys returns the keys that move in a list whose names are selected by their first letters.
func arrowKeys(s Scope) Map {
	return task(Moving,
		bind(s, Up, "up", "up", "ctrl+p"), bind(s, Down, "down", "down", "ctrl+n"),
		bind(s, PageUp, "page up", "pgup", "ctrl+b"), bind(s, PageDown, "page down", "pgdown", "ctrl+f"),
		bind(s, Top, "top", "home"), bind(s, Bottom, "bottom", "end"),
	)
}

// Default returns the default key bindings.
func Default() Map {
	m := append(documentKeys(), movementKeys(Document)...)
	for _, s := range []Scope{Account, Activity, Session} {
		m = append(m, task(Viewing, bind(s, CopyValue, "copy value", "y"))...)
		m = append(m, movementKeys(s)...)
	}
	m = append(m, task(Viewing, inFooter(bind(Activity, ViewEntry, "view entry", "enter", "v")))...)
	m = slices.Concat(m, everywhereKeys(), overlayKeys(), searchKeys(), editorKeys(), dialogKeys(), copyKeys(),
		apiKeyKeys(), functionKeys())
	lists := []Scope{Review, SaveFailed, UndoList, Conflict, Compare, Accounts, Themes, Help, ValueViewer, Dialog,
		APIKeys}
	for _, s := range lists {
		m = append(m, movementKeys(s)...)
	}
	return append(m, arrowKeys(KindPicker)...)
}

// task groups entries under a task of the help.
func task(t Task, entries ...Entry) Map {
	for i := range entries {
		entries[i].Task = t
	}
	return entries
}

// documentKeys returns the keys of the custom data pane.
func documentKeys() Map {
	return slices.Concat(
		task(Editing,
			inFooter(bind(Document, ReviewDraft, "review and save", "ctrl+s")),
			inFooter(bind(Document, Discard, "discard the edit", "ctrl+x")),
			inFooter(bind(Document, EditField, "edit", "e", "enter")),
			inFooter(bind(Document, AddField, "add", "a")),
			inFooter(bind(Document, RemoveField, "remove", "d")),
			bind(Document, RenameField, "rename", "R"),
			bind(Document, ChangeType, "change type", "t"),
			bind(Document, DuplicateField, "duplicate", "P"),
			bind(Document, MoveUp, "move an array item up", "K", "shift+up"),
			bind(Document, MoveDown, "move an array item down", "J", "shift+down"),
			bind(Document, PasteJSON, "paste JSON", "p"),
			bind(Document, SelectRow, "select several fields", "x"),
			bind(Document, UndoEdit, "undo in the draft", "z"),
			bind(Document, RedoEdit, "redo in the draft", "Z"),
			bind(Document, EditDocument, "edit document", "E"),
			bind(Document, EditText, "edit in $EDITOR", "ctrl+e"),
			bind(Document, EmptyOrDelete, "empty or delete the document", "D"),
		),
		task(Opening,
			bind(Document, Toggle, "fold or open", "space"),
			bind(Document, Fold, "fold, or go to the parent", "left", "h"),
			bind(Document, Unfold, "open", "right", "l"),
			bind(Document, FoldAll, "fold all", "-"),
			bind(Document, UnfoldAll, "open all", "+", "="),
		),
		levelKeys(),
		task(Finding,
			inFooter(bind(Document, Find, "find", "/")),
			bind(Document, FindNext, "next match", "n"),
			bind(Document, FindPrevious, "previous match", "N"),
			bind(Document, Cancel, "clear the search or the selection", "esc"),
			bind(Document, Jump, "jump to a field", ":"),
			bind(Document, NextOutdated, "next outdated field", "]"),
			bind(Document, PreviousOutdated, "previous outdated field", "["),
			bind(Document, Filter, "only outdated fields, or only matches", "&"),
			bind(Document, Order, "order: document, name, type, changed first", "o"),
		),
		task(Viewing,
			bind(Document, ViewValue, "view value", "v"),
			bind(Document, RevealValue, "reveal a masked value", "M"),
			bind(Document, CopyValue, "copy value", "y"),
			bind(Document, CopyPath, "copy path", "Y"),
			bind(Document, CopyAs, "copy as, or write to a file", "C"),
		),
	)
}

// levelKeys returns the keys that open the document to a level.
func levelKeys() Map {
	var m Map
	for i, action := range levels() {
		digit := strconv.Itoa(i + 1)
		m = append(m, task(Opening, bind(Document, action, "open to level "+digit, digit))...)
	}
	return m
}

// everywhereKeys returns the keys that work in every pane.
func everywhereKeys() Map {
	return slices.Concat(
		task(UserData,
			inFooter(bind(Everywhere, Refresh, "refresh", "r")),
			inFooter(bind(Everywhere, CompareTokens, "compare", "c")),
			inFooter(bind(Everywhere, OpenAccounts, "accounts", "s")),
			bind(Everywhere, CallFunction, "functions", "f"),
			bind(Everywhere, OpenAPIKeys, "API keys", "A"),
		),
		task(Editing,
			bind(Everywhere, Undo, "undo the last save", "U"),
		),
		task(WholePanes,
			bind(Everywhere, OpenThemes, "themes", "T"),
			bind(Everywhere, Mask, "mask personal data", "m"),
			bind(Everywhere, ToggleMouse, "mouse on or off", "alt+m"),
			inFooter(bind(Everywhere, NextPane, "next pane", "tab")),
			bind(Everywhere, PreviousPane, "previous pane", "shift+tab"),
			bind(Everywhere, OpenPalette, "command palette", "ctrl+k"),
			inFooter(bind(Everywhere, ShowHelp, "help", "?")),
			bind(Everywhere, Story, "stop or continue the demo's story", "S"),
			bind(Everywhere, Suspend, "suspend", "ctrl+z"),
			inFooter(bind(Everywhere, Quit, "quit", "q")),
		),
	)
}
