package accounts

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Arguments stores the arguments with which accounts last called functions, in a file with mode 0600 for each account.
type Arguments struct{ store *Store }

// Arguments returns the arguments of the last calls.
func (s *Store) Arguments() Arguments { return Arguments{s} }

// The limits of the stored arguments of an account: the oldest ones are forgotten.
const (
	maxFunctions     = 50
	maxArgumentBytes = 256 << 10
)

// storedArguments is the arguments of one function.
type storedArguments struct {
	Function  string `json:"function"`
	Arguments string `json:"arguments"`
}

func (a Arguments) path(accountID string) string {
	return filepath.Join(a.store.dir(accountID), "arguments.json")
}

// Load returns the arguments of an account by function. A damaged file counts as empty: Save replaces it.
func (a Arguments) Load(accountID string) (map[string]string, error) {
	list, err := a.read(accountID)
	if err != nil {
		return nil, err
	}
	byFunction := make(map[string]string, len(list))
	for _, s := range list {
		byFunction[s.Function] = s.Arguments
	}
	return byFunction, nil
}

func (a Arguments) read(accountID string) ([]storedArguments, error) {
	path := a.path(accountID)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fileFault("read", path, err)
	}
	var list []storedArguments
	if json.Unmarshal(text, &list) != nil {
		return nil, nil
	}
	return list, nil
}

// Save stores the arguments of a function in place of those before; empty ones are forgotten.
func (a Arguments) Save(accountID, function, arguments string) error {
	return a.store.locked(func() error {
		list, err := a.read(accountID)
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(s storedArguments) bool { return s.Function == function })
		if arguments != "" {
			list = append([]storedArguments{{function, arguments}}, list...)
		}
		list = list[:min(len(list), maxFunctions)]
		for total, i := 0, 0; i < len(list); i++ {
			if total += len(list[i].Arguments); total > maxArgumentBytes {
				list = list[:i]
			}
		}
		text, err := json.Marshal(list)
		if err != nil {
			return fileFault("write", a.path(accountID), err)
		}
		return replaceFile(a.path(accountID), text)
	})
}
