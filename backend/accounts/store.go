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

// Options says where the accounts are kept and which service's accounts a Book is about.
type Options struct {
	Dir     string // the state directory; made with mode 0700
	Server  string // as in client.Options: the service's name in account ids
	AppID   string
	Now     func() time.Time
	Log     *slog.Logger
	Keyring Keyring // keeps refresh tokens; nil: they are kept in 0600 files
}

// Store is the list of accounts of one application of one service. Several processes may use the same directory.
type Store struct {
	options Options
	keyring *timedKeyring

	mu      sync.Mutex
	process *process // nil until a draft is asked for
}

// storedAccount is one account as it is written down; it holds no token.
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

// storedAccounts is the file of accounts.
type storedAccounts struct {
	Version  int               `json:"version"`
	Current  map[string]string `json:"current"` // service and application → account id
	Accounts []storedAccount   `json:"accounts"`
}

const accountsVersion = 1

// Open opens the accounts of one service; a directory without any is fine.
func Open(o Options) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(o.Dir, "accounts"), 0o700); err != nil {
		return nil, &model.Fault{Kind: model.Failed, Op: "open the accounts", Message: "the state directory " + o.Dir + " cannot be made", Advice: "check its permissions", Err: err}
	}
	b := &Store{options: o, keyring: &timedKeyring{ring: o.Keyring}}
	_, err := b.read()
	return b, err
}

// List gives the service's accounts, the current one first, then the last used.
func (b *Store) List() []model.Account {
	l, err := b.read()
	if err != nil {
		b.options.Log.Warn("the accounts cannot be read", "error", err)
		return nil
	}
	var list []model.Account
	for _, e := range l.Accounts {
		if b.inScope(e) {
			list = append(list, model.Account{
				ID: e.ID, Server: e.Server, AppID: e.AppID, UserID: e.UserID, Name: e.Name, Provider: e.Provider, SignedIn: e.SignedIn,
				LastUsed: e.LastUsed, IsCurrent: l.Current[b.scope()] == e.ID,
			})
		}
	}
	slices.SortStableFunc(list, func(x, y model.Account) int {
		if x.IsCurrent != y.IsCurrent {
			return map[bool]int{true: -1, false: 1}[x.IsCurrent]
		}
		return cmp.Or(y.LastUsed.Compare(x.LastUsed), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// Current is the account whose data is shown; false when there is none.
func (b *Store) Current() (model.Account, bool) {
	list := b.List()
	if len(list) == 0 || !list[0].IsCurrent {
		return model.Account{}, false
	}
	return list[0], true
}

// Use makes another account the current one.
func (b *Store) Use(id string) error {
	return b.update(func(l *storedAccounts) error {
		i := slices.IndexFunc(l.Accounts, func(e storedAccount) bool { return e.ID == id && b.inScope(e) })
		if i < 0 {
			return model.InvalidInputf("account", "none is called %q here", id)
		}
		l.Accounts[i].LastUsed = b.options.Now()
		l.Current[b.scope()] = id
		return nil
	})
}

// lastUsedInterval is how long "last used" may lag, so that the list is not written at every look.
const lastUsedInterval = time.Minute

// touch notes that an account is in use, and the name and the provider it has by now: a linked identity may have brought them.
func (b *Store) touch(id, name, provider string) error {
	now := b.options.Now()
	known := func(e storedAccount) bool {
		return e.ID != id || now.Sub(e.LastUsed) < lastUsedInterval && (name == "" || e.Name == name) && (provider == "" || e.Provider == provider)
	}
	l, err := b.read()
	if err != nil || !slices.ContainsFunc(l.Accounts, func(e storedAccount) bool { return !known(e) }) {
		return err
	}
	return b.update(func(l *storedAccounts) error {
		for i := range l.Accounts {
			if e := &l.Accounts[i]; e.ID == id {
				e.LastUsed, e.Name, e.Provider = now, cmp.Or(name, e.Name), cmp.Or(provider, e.Provider)
			}
		}
		return nil
	})
}

// Add keeps a person who has just signed in and makes them the current one.
func (b *Store) Add(a model.Account, t client.Tokens) error {
	if err := b.saveTokens(a.ID, t, true); err != nil {
		return err
	}
	return b.update(func(l *storedAccounts) error {
		e := storedAccount{ID: a.ID, Server: a.Server, AppID: a.AppID, UserID: a.UserID, Name: a.Name, Provider: a.Provider, SignedIn: true, LastUsed: b.options.Now()}
		if i := slices.IndexFunc(l.Accounts, func(e storedAccount) bool { return e.ID == a.ID }); i >= 0 {
			l.Accounts[i] = e
		} else {
			l.Accounts = append(l.Accounts, e)
		}
		l.Current[b.scope()] = a.ID
		return nil
	})
}

// MarkSignedOut forgets an account's tokens and keeps its name; another signed-in account, if there is one, becomes the current one.
func (b *Store) MarkSignedOut(id string) error {
	err := b.dropTokens(id)
	return cmp.Or(b.update(func(l *storedAccounts) error {
		for i := range l.Accounts {
			if l.Accounts[i].ID == id {
				l.Accounts[i].SignedIn = false
			}
		}
		b.moveCurrent(l, id)
		return nil
	}), err)
}

// Remove forgets an account, its tokens and its draft.
func (b *Store) Remove(id string) error {
	err := b.dropTokens(id)
	if gone := os.RemoveAll(b.dir(id)); err == nil && gone != nil {
		err = &model.Fault{Kind: model.Failed, Op: "forget the account", Message: gone.Error(), Err: gone}
	}
	return cmp.Or(b.update(func(l *storedAccounts) error {
		l.Accounts = slices.DeleteFunc(l.Accounts, func(e storedAccount) bool { return e.ID == id })
		b.moveCurrent(l, id)
		return nil
	}), err)
}

// moveCurrent makes the last used signed-in account the current one where the given one was it.
func (b *Store) moveCurrent(l *storedAccounts, from string) {
	if l.Current[b.scope()] != from {
		return
	}
	delete(l.Current, b.scope())
	var last time.Time
	for _, e := range l.Accounts {
		if b.inScope(e) && e.SignedIn && e.ID != from && !e.LastUsed.Before(last) {
			last, l.Current[b.scope()] = e.LastUsed, e.ID
		}
	}
}

func (b *Store) inScope(e storedAccount) bool {
	return e.Server == b.options.Server && e.AppID == b.options.AppID
}

func (b *Store) scope() string { return b.options.Server + "|" + b.options.AppID }
