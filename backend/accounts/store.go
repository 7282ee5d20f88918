package accounts

import (
	"cmp"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"dossier/backend/client"
	"dossier/model"
)

// Options configure a Store.
type Options struct {
	Dir     string // the state directory; created with mode 0700
	Server  string // name of the service in account ids, as in client.Options
	AppID   string
	Now     func() time.Time
	Log     *slog.Logger
	Keyring Keyring // stores refresh tokens; nil: they are stored in 0600 files
}

// Store stores the accounts of one application of one service. It is safe for concurrent use, and several processes may
// use the same directory.
type Store struct {
	options Options
	keyring *timedKeyring

	mu      sync.Mutex
	process *process        // nil until drafts are used
	file    *storedAccounts // as last read from the file that stat describes; nil: not read yet
	stat    os.FileInfo
}

// storedAccount is an account in the accounts file. It has no token.
type storedAccount struct {
	ID       string    `json:"id"`
	Server   string    `json:"server"`
	AppID    string    `json:"app_id"`
	UserID   string    `json:"user_id"`
	Name     string    `json:"name"`
	Provider string    `json:"provider"`
	SignedIn bool      `json:"signed_in"`
	LastUsed time.Time `json:"last_used"`
}

// storedAccounts is the content of the accounts file.
type storedAccounts struct {
	Version  int               `json:"version"`
	Current  map[string]string `json:"current"` // service and application → account id
	Accounts []storedAccount   `json:"accounts"`
}

const accountsVersion = 1

// Open opens the store. The directory is created if needed.
func Open(o Options) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(o.Dir, "accounts"), 0o700); err != nil {
		return nil, &model.Fault{
			Kind: model.Failed, Op: "open the accounts", Message: "cannot create the state directory " + o.Dir,
			Advice: "check its permissions", Err: err,
		}
	}
	s := &Store{options: o, keyring: &timedKeyring{ring: o.Keyring}}
	_, err := s.read()
	return s, err
}

// List returns the accounts, the current one first, then by last use, latest first.
func (s *Store) List() []model.Account {
	file, err := s.read()
	if err != nil {
		s.options.Log.Warn("cannot read the accounts", "error", err)
		return nil
	}
	var list []model.Account
	for _, e := range file.Accounts {
		if s.inScope(e) {
			list = append(list, model.Account{
				ID: e.ID, Server: e.Server, AppID: e.AppID, UserID: e.UserID, Name: e.Name, Provider: e.Provider,
				SignedIn: e.SignedIn,
				LastUsed: e.LastUsed, IsCurrent: file.Current[s.scope()] == e.ID,
			})
		}
	}
	slices.SortStableFunc(list, func(x, y model.Account) int {
		switch {
		case x.IsCurrent && !y.IsCurrent:
			return -1
		case y.IsCurrent && !x.IsCurrent:
			return 1
		}
		return cmp.Or(y.LastUsed.Compare(x.LastUsed), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// Current returns the current account, whose data is shown; false when there is none.
func (s *Store) Current() (model.Account, bool) {
	list := s.List()
	if len(list) == 0 || !list[0].IsCurrent {
		return model.Account{}, false
	}
	return list[0], true
}

// Use makes an account the current one.
func (s *Store) Use(id string) error {
	return s.update(func(file *storedAccounts) error {
		i := slices.IndexFunc(file.Accounts, func(e storedAccount) bool { return e.ID == id && s.inScope(e) })
		if i < 0 {
			return model.InvalidInputf("account", "no account with the id %q", id)
		}
		file.Accounts[i].LastUsed = s.options.Now()
		file.Current[s.scope()] = id
		return nil
	})
}

// lastUsedInterval is the precision of LastUsed, so that the file is not written on every check.
const lastUsedInterval = time.Minute

// touch updates an account's last use, name and provider. Linking an identity may have changed the name and the
// provider.
func (s *Store) touch(id, name, provider string) error {
	now := s.options.Now()
	upToDate := func(e storedAccount) bool {
		return e.ID != id || now.Sub(e.LastUsed) < lastUsedInterval && (name == "" || e.Name == name) &&
			(provider == "" || e.Provider == provider)
	}
	file, err := s.read()
	if err != nil || !slices.ContainsFunc(file.Accounts, func(e storedAccount) bool { return !upToDate(e) }) {
		return err
	}
	return s.update(func(file *storedAccounts) error {
		for i := range file.Accounts {
			if e := &file.Accounts[i]; e.ID == id {
				e.LastUsed, e.Name, e.Provider = now, cmp.Or(name, e.Name), cmp.Or(provider, e.Provider)
			}
		}
		return nil
	})
}

// Add stores the account and the tokens of a sign-in and makes the account the current one.
func (s *Store) Add(a model.Account, t client.Tokens) error {
	if err := s.saveTokens(a.ID, t, true); err != nil {
		return err
	}
	return s.update(func(file *storedAccounts) error {
		e := storedAccount{ID: a.ID, Server: a.Server, AppID: a.AppID, UserID: a.UserID, Name: a.Name, Provider: a.Provider,
			SignedIn: true, LastUsed: s.options.Now()}
		if i := slices.IndexFunc(file.Accounts, func(e storedAccount) bool { return e.ID == a.ID }); i >= 0 {
			file.Accounts[i] = e
		} else {
			file.Accounts = append(file.Accounts, e)
		}
		file.Current[s.scope()] = a.ID
		return nil
	})
}

// MarkSignedOut deletes an account's tokens but keeps the account. If it was the current one, another signed-in account
// becomes current.
func (s *Store) MarkSignedOut(id string) error {
	err := s.dropTokens(id)
	return cmp.Or(s.update(func(file *storedAccounts) error {
		for i := range file.Accounts {
			if file.Accounts[i].ID == id {
				file.Accounts[i].SignedIn = false
			}
		}
		s.moveCurrent(file, id)
		return nil
	}), err)
}

// Remove deletes an account, its tokens and its drafts.
func (s *Store) Remove(id string) error {
	err := s.dropTokens(id)
	if removeErr := os.RemoveAll(s.dir(id)); err == nil && removeErr != nil {
		err = &model.Fault{Kind: model.Failed, Op: "remove the account", Message: removeErr.Error(), Err: removeErr}
	}
	return cmp.Or(s.update(func(file *storedAccounts) error {
		file.Accounts = slices.DeleteFunc(file.Accounts, func(e storedAccount) bool { return e.ID == id })
		s.moveCurrent(file, id)
		return nil
	}), err)
}

// moveCurrent makes the last used signed-in account the current one if the current one is from.
func (s *Store) moveCurrent(file *storedAccounts, from string) {
	if file.Current[s.scope()] != from {
		return
	}
	delete(file.Current, s.scope())
	var last time.Time
	for _, e := range file.Accounts {
		if s.inScope(e) && e.SignedIn && e.ID != from && !e.LastUsed.Before(last) {
			last, file.Current[s.scope()] = e.LastUsed, e.ID
		}
	}
}

func (s *Store) inScope(e storedAccount) bool {
	return e.Server == s.options.Server && e.AppID == s.options.AppID
}

func (s *Store) scope() string { return s.options.Server + "|" + s.options.AppID }
