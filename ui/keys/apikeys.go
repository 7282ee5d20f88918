package keys

// The scopes of the dialog of API keys.
const (
	APIKeys         Scope = "api-keys"
	NewKey          Scope = "new-api-key"
	CreatedKey      Scope = "created-api-key" // its text is shown, once
	ForgetPrompt    Scope = "forget-api-key"  // the question before the text of a new key is forgotten
	DeleteKeyPrompt Scope = "delete-api-key"
)

// The actions of the dialog of API keys.
const (
	OpenAPIKeys Action = "api-keys"
	CreateKey   Action = "create"
)

// apiKeyKeys returns the keys of the dialog of API keys.
func apiKeyKeys() Map {
	return Map{
		inFooter(bind(APIKeys, CreateKey, "create", "a")),
		inFooter(bind(APIKeys, Toggle, "disable or enable", "space")),
		inFooter(bind(APIKeys, RemoveField, "delete", "d")),
		inFooter(bind(APIKeys, Refresh, "read again", "r")),
		inFooter(bind(APIKeys, Cancel, "close", "esc")),
		inFooter(bind(NewKey, Accept, "create", "enter")),
		inFooter(bind(NewKey, Cancel, "back", "esc")),
		inFooter(bind(CreatedKey, CopyValue, "copy", "y")),
		inFooter(bind(CreatedKey, Accept, "I have it", "enter")),
		bind(CreatedKey, RevealValue, "show the masked key", "M"),
		inFooter(bind(CreatedKey, Cancel, "close", "esc")),
		inFooter(bind(ForgetPrompt, Discard, "close, never see it again", "d")), // not enter, which repeats when it is held
		inFooter(bind(ForgetPrompt, CopyValue, "copy", "y")),
		inFooter(bind(ForgetPrompt, Cancel, "back", "esc", "enter")),
		inFooter(bind(DeleteKeyPrompt, Accept, "delete", "enter")),
		inFooter(bind(DeleteKeyPrompt, Cancel, "keep", "esc")),
	}
}
