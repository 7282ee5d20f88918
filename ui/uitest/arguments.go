package uitest

import (
	"maps"

	"dossier/ui/port"
)

// Arguments stores the arguments of function calls in a Backend.
type Arguments struct{ Backend *Backend }

var _ port.CallArguments = Arguments{}

// Load returns the arguments of an account by function.
func (a Arguments) Load(accountID string) (map[string]string, error) {
	a.Backend.mu.Lock()
	defer a.Backend.mu.Unlock()
	return maps.Clone(a.Backend.arguments[accountID]), nil
}

// Save stores the arguments of a function.
func (a Arguments) Save(accountID, function, arguments string) error {
	a.Backend.mu.Lock()
	defer a.Backend.mu.Unlock()
	if a.Backend.arguments == nil {
		a.Backend.arguments = map[string]map[string]string{}
	}
	if a.Backend.arguments[accountID] == nil {
		a.Backend.arguments[accountID] = map[string]string{}
	}
	a.Backend.arguments[accountID][function] = arguments
	return nil
}
