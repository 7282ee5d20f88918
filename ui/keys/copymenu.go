package keys

// The scopes of the dialog that copies in a format.
const (
	CopyMenu      Scope = "copy-as"
	ExportForm    Scope = "write-to-file"
	ReplacePrompt Scope = "replace-file" // the question whether to replace a file
)

// The actions of the dialog that copies in a format.
const (
	CopyAs          Action = "copy-as"
	CopyRelaxed     Action = "extended-json"
	CopyCanonical   Action = "canonical-json"
	CopyPlain       Action = "plain-json"
	CopyShell       Action = "mongosh"
	CopyUpdate      Action = "update-one"
	CopyText        Action = "text"
	CopyKey         Action = "copy-key"
	ChooseValue     Action = "choose-value"
	ChooseRow       Action = "choose-row"
	ChooseDocument  Action = "choose-document"
	ChooseSelection Action = "choose-selection"
	ChooseDraft     Action = "choose-draft"
	WriteFile       Action = "write-file"
)

// copyKeys returns the keys of the dialog that copies in a format.
func copyKeys() Map {
	return Map{
		inFooter(bind(CopyMenu, Accept, "copy", "enter")),
		inFooter(bind(CopyMenu, WriteFile, "write to a file", "w")),
		inFooter(bind(CopyMenu, NextField, "next part", "tab", "right")),
		bind(CopyMenu, PreviousField, "previous part", "shift+tab", "left"),
		bind(CopyMenu, CopyRelaxed, "copy as extended JSON", "e"),
		bind(CopyMenu, CopyCanonical, "copy as canonical extended JSON", "c"),
		bind(CopyMenu, CopyPlain, "copy as plain JSON", "j"),
		bind(CopyMenu, CopyShell, "copy as mongosh literal", "m"),
		bind(CopyMenu, CopyUpdate, "copy as updateOne", "u"),
		bind(CopyMenu, CopyText, "copy as text", "t", "y"),
		bind(CopyMenu, CopyKey, "copy the key", "k"),
		bind(CopyMenu, CopyPath, "copy the path", "p"),
		bind(CopyMenu, ChooseValue, "the value", "v"),
		bind(CopyMenu, ChooseRow, "the row", "r"),
		bind(CopyMenu, ChooseDocument, "the document", "d"),
		bind(CopyMenu, ChooseSelection, "the selected fields", "s"),
		bind(CopyMenu, ChooseDraft, "the draft", "D"),
		bind(CopyMenu, Up, "up", "up"),
		bind(CopyMenu, Down, "down", "down"),
		inFooter(bind(CopyMenu, Cancel, "close", "esc")),
		inFooter(bind(ExportForm, Accept, "write", "enter")),
		inFooter(bind(ExportForm, NextField, "complete", "tab")),
		inFooter(bind(ExportForm, Cancel, "back", "esc")),
		inFooter(bind(ReplacePrompt, Accept, "replace", "enter")),
		inFooter(bind(ReplacePrompt, Cancel, "back", "esc")),
	}
}
