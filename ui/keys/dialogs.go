package keys

import "slices"

// overlayKeys returns the main keys of each overlay.
func overlayKeys() Map {
	return Map{
		inFooter(bind(Dialog, Accept, "accept", "enter")),
		inFooter(bind(Dialog, Cancel, "close", "esc")),
		inFooter(bind(Field, Accept, "accept", "enter")),
		inFooter(bind(Field, ReviewDraft, "review", "ctrl+s")),
		inFooter(bind(Field, ChangeType, "change type", "ctrl+t")),
		bind(Field, Discard, "discard the edit", "ctrl+x"),
		inFooter(bind(Field, Cancel, "back", "esc")),
		inFooter(bind(Review, Save, "save", "enter", "s", "ctrl+s")),
		inFooter(bind(Review, Cancel, "back", "esc")),
		inFooter(bind(DocumentEditor, Accept, "review", "ctrl+s")),
		inFooter(bind(DocumentEditor, EditText, "$EDITOR", "ctrl+o")),
		bind(DocumentEditor, Discard, "discard the edit", "ctrl+x"),
		inFooter(bind(DocumentEditor, Cancel, "back", "esc")),
		inFooter(bind(Conflict, TakeYours, "take yours", "y", "left")),
		inFooter(bind(Conflict, TakeTheirs, "take theirs", "t", "right")),
		inFooter(bind(Conflict, EditField, "type a value", "e")),
		inFooter(bind(Conflict, Accept, "review", "enter")),
		inFooter(bind(Conflict, Cancel, "close", "esc")),
		inFooter(bind(Compare, Accept, "show in custom data", "enter")),
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
		inFooter(bind(FindInDocument, SearchRegexp, "regular expression on/off", "ctrl+r")),
		inFooter(bind(FindInDocument, SearchIn, "names/values/both", "ctrl+t")),
		inFooter(bind(FindInDocument, Cancel, "back", "esc")),
		inFooter(bind(JumpToField, Accept, "go there", "enter")),
		inFooter(bind(JumpToField, Complete, "complete", "tab")),
		inFooter(bind(JumpToField, Down, "next", "down", "ctrl+n")),
		inFooter(bind(JumpToField, Up, "previous", "up", "ctrl+p")),
		inFooter(bind(JumpToField, Cancel, "back", "esc")),
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
func editorKeys() Map { return slices.Concat(inputKeys(), reviewKeys()) }

// inputKeys returns the keys of the editor's inputs.
func inputKeys() Map {
	return Map{
		bind(Field, EditText, "edit in $EDITOR", "ctrl+o"),
		bind(Field, NextChoice, "next allowed or frequent value", "ctrl+n"),
		bind(Field, PreviousChoice, "previous allowed or frequent value", "ctrl+p"),
		bind(Field, NextField, "next field", "tab", "down"),
		bind(Field, PreviousField, "previous field", "shift+tab", "up"),
		inFooter(bind(LongText, ReviewDraft, "review", "ctrl+s")),
		inFooter(bind(LongText, Accept, "accept", "alt+enter")),
		inFooter(bind(LongText, ChangeType, "change type", "ctrl+t")),
		bind(LongText, Discard, "discard the edit", "ctrl+x"),
		inFooter(bind(LongText, Cancel, "back", "esc")),
		inFooter(bind(LongText, EditText, "$EDITOR", "ctrl+o")),
		bind(LongText, NextField, "next field", "tab"),
		bind(LongText, PreviousField, "previous field", "shift+tab"),
		inFooter(bind(PasteInput, ReviewDraft, "review", "ctrl+s")),
		inFooter(bind(PasteInput, Accept, "accept", "alt+enter")),
		inFooter(bind(PasteInput, NextField, "name or text", "tab")),
		bind(PasteInput, PreviousField, "name or text", "shift+tab"),
		bind(PasteInput, Discard, "discard the text", "ctrl+x"),
		inFooter(bind(PasteInput, Cancel, "back", "esc")),
		inFooter(bind(BoolInput, Toggle, "toggle", "space", "left", "right")),
		inFooter(bind(BoolInput, Accept, "accept", "enter")),
		inFooter(bind(BoolInput, ReviewDraft, "review", "ctrl+s")),
		inFooter(bind(BoolInput, ChangeType, "change type", "ctrl+t")),
		bind(BoolInput, Discard, "discard the edit", "ctrl+x"),
		inFooter(bind(BoolInput, Cancel, "back", "esc")),
		bind(BoolInput, NextField, "next field", "tab", "down"),
		bind(BoolInput, PreviousField, "previous field", "shift+tab", "up"),
		bind(BoolInput, ChooseTrue, "true", "t", "y"),
		bind(BoolInput, ChooseFalse, "false", "f", "n"),
		inFooter(bind(ConstantInput, Accept, "accept", "enter")),
		inFooter(bind(ConstantInput, ReviewDraft, "review", "ctrl+s")),
		inFooter(bind(ConstantInput, ChangeType, "change type", "ctrl+t")),
		bind(ConstantInput, Discard, "discard the edit", "ctrl+x"),
		inFooter(bind(ConstantInput, Cancel, "back", "esc")),
		bind(ConstantInput, NextField, "next field", "tab", "down"),
		bind(ConstantInput, PreviousField, "previous field", "shift+tab", "up"),
	}
}

// reviewKeys returns the keys of the editor's reviews and questions.
func reviewKeys() Map {
	return Map{
		inFooter(bind(SaveFailed, Retry, "try again", "r", "enter", "s")),
		inFooter(bind(SaveFailed, Cancel, "back", "esc")),
		inFooter(bind(SaveFailed, EditField, "edit again", "e")),
		bind(SaveFailed, AddField, "add a field", "a"),
		inFooter(bind(SaveFailed, RemoveField, "revert this change", "d")),
		inFooter(bind(SaveFailed, CallFunction, "save with a function", "f")),
		inFooter(bind(UndoList, Accept, "review", "enter")),
		inFooter(bind(UndoList, Undo, "older", "U")),
		inFooter(bind(UndoList, Cancel, "close", "esc")),
		inFooter(bind(UndoReview, Save, "save", "enter", "s")),
		bind(UndoReview, Retry, "try again", "r"),
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
		inFooter(bind(DiscardDraft, Discard, "discard", "d")),
		inFooter(bind(DiscardDraft, Cancel, "keep the draft", "esc")),
		inFooter(bind(DiscardPrompt, Cancel, "close", "esc")),
		inFooter(bind(DiscardPrompt, Discard, "discard", "d")),
		inFooter(bind(DiscardPrompt, Accept, "keep editing", "enter")),
		inFooter(bind(Review, EditField, "edit again", "e")),
		inFooter(bind(Review, AddField, "add a field", "a")),
		inFooter(bind(Review, RemoveField, "revert this change", "d")),
		bind(Review, Discard, "discard the draft", "D"),
		bind(Review, Unfold, "show in the document", "right", "l"),
		bind(SaveFailed, Discard, "discard the draft", "D"),
		bind(SaveFailed, Unfold, "show in the document", "right", "l"),
		inFooter(bind(Review, CallFunction, "save with a function", "f")),
		bind(Review, Retry, "try again", "r"),
		bind(Review, Toggle, "show or fold the call", "space"),
		bind(SaveFailed, Toggle, "show or fold the call", "space"),
		bind(UndoReview, Toggle, "show or fold the call", "space"),
	}
}

// dialogKeys returns the keys of the sign-in dialog.
func dialogKeys() Map {
	return Map{
		inFooter(bind(SignInForm, Accept, "submit", "enter")),
		inFooter(bind(SignInForm, OtherProvider, "next provider", "ctrl+t")),
		inFooter(bind(SignInForm, Register, "create an account", "ctrl+r")),
		bind(SignInForm, NextField, "next field", "tab", "down"),
		bind(SignInForm, PreviousField, "previous field", "shift+tab", "up"),
		inFooter(bind(SignInForm, Cancel, "close", "esc")),
	}
}
