package accounts

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dossier/backend/client"
	"dossier/model"
)

// storedSession is one account's file: the access token and what the service last said, with the refresh token only where no keyring keeps it.
type storedSession struct {
	UserID     string        `json:"user_id"`
	DeviceID   string        `json:"device_id,omitempty"`
	SessionID  string        `json:"session_id,omitempty"`
	Provider   string        `json:"provider"`
	Access     string        `json:"access_token"`
	Refresh    string        `json:"refresh_token,omitempty"`
	InKeyring  bool          `json:"refresh_token_in_keyring,omitempty"`
	IssuedAt   time.Time     `json:"issued_at"`
	CheckedAt  time.Time     `json:"checked_at,omitzero"`
	StaleSince time.Time     `json:"stale_since,omitzero"`
	Profile    storedProfile `json:"profile"`
}

// Tokens is what is kept of an account. A keyring that does not answer leaves the refresh token out: the access token is good until it expires.
func (b *Store) Tokens(id string) (client.Tokens, error) {
	var c storedSession
	var found bool
	err := b.locked(func() (err error) {
		c, found, err = b.readSession(id)
		return err
	})
	if err != nil {
		return client.Tokens{}, err
	}
	if !found {
		return client.Tokens{}, &model.Fault{Kind: model.SignedOut, Message: "no session is kept for this account", Advice: "sign in again"}
	}
	if c.InKeyring {
		if c.Refresh, err = b.keyring.get(id); err != nil {
			b.options.Log.Warn("the refresh token is not at hand", "error", err)
		}
	}
	user, err := c.Profile.user()
	if err != nil {
		b.options.Log.Warn("the kept profile cannot be read", "error", err)
	}
	return client.Tokens{
		UserID: c.UserID, DeviceID: c.DeviceID, SessionID: c.SessionID, Provider: c.Provider, Access: client.Secret(c.Access), Refresh: client.Secret(c.Refresh),
		Profile: user, CheckedAt: c.CheckedAt, StaleSince: c.StaleSince,
	}, nil
}

// SaveTokens is told of every new token of a person of this service; it makes a Book a client.Keeper. What it does not know it leaves alone.
func (b *Store) SaveTokens(t client.Tokens) {
	id := client.AccountID(b.options.Server, b.options.AppID, t.UserID)
	var err error
	if t.SignedOut {
		err = b.sessionEnded(id, t.SessionID)
	} else {
		err = cmp.Or(b.saveTokens(id, t, false), b.touch(id, t.Profile.Name(), t.Provider))
	}
	if err != nil {
		b.options.Log.Warn("a token could not be kept; the next run may have to renew it", "error", err)
	}
}

// LoadTokens returns what is kept of a person now; another process may have renewed it.
func (b *Store) LoadTokens(userID string) (client.Tokens, bool) {
	t, err := b.Tokens(client.AccountID(b.options.Server, b.options.AppID, userID))
	return t, err == nil
}

// saveTokens writes an account's file. Of two processes the one with the newer token wins. Only a sign-in starts a file.
func (b *Store) saveTokens(id string, t client.Tokens, signIn bool) error {
	token, err := model.ParseToken(string(t.Access))
	if err != nil {
		return &model.Fault{Kind: model.Failed, Op: "keep a token", Message: "the access token cannot be read", Err: err}
	}
	return b.locked(func() error {
		old, found, err := b.readSession(id)
		if err != nil {
			return err
		}
		if !signIn && (!found || old.IssuedAt.After(token.IssuedAt)) {
			return nil
		}
		c := storedSession{
			UserID: t.UserID, DeviceID: t.DeviceID, SessionID: t.SessionID, Provider: t.Provider, Access: string(t.Access), IssuedAt: token.IssuedAt,
			CheckedAt: t.CheckedAt, StaleSince: t.StaleSince, Profile: storeProfile(t.Profile),
			Refresh: old.Refresh, InKeyring: old.InKeyring,
		}
		if t.Refresh != "" && (signIn || old.SessionID != t.SessionID || !old.InKeyring && old.Refresh != string(t.Refresh)) {
			c.InKeyring = b.keyring.set(id, string(t.Refresh)) == nil
			c.Refresh = string(t.Refresh)
			if c.InKeyring {
				c.Refresh = ""
			}
		}
		text, err := json.MarshalIndent(c, "", "  ")
		if err != nil {
			return err
		}
		return replaceFile(b.sessionPath(id), append(text, '\n'))
	})
}

// sessionEnded notes that the service has ended a session, unless another process has signed the person in again meanwhile.
func (b *Store) sessionEnded(id, sessionID string) error {
	other := false
	err := b.locked(func() error {
		c, found, err := b.readSession(id)
		other = found && c.SessionID != sessionID
		return err
	})
	if err != nil || other {
		return err
	}
	if err := b.dropTokens(id); err != nil {
		return err
	}
	return b.update(func(l *storedAccounts) error {
		if i := slices.IndexFunc(l.Accounts, func(e storedAccount) bool { return e.ID == id }); i >= 0 {
			l.Accounts[i].SignedIn = false
		}
		return nil
	})
}

// dropTokens forgets an account's tokens.
func (b *Store) dropTokens(id string) error {
	return b.locked(func() error {
		c, found, err := b.readSession(id)
		if err != nil || !found {
			return err
		}
		if c.InKeyring {
			if err := b.keyring.delete(id); err != nil {
				b.options.Log.Warn("the keyring kept a refresh token of an ended session", "error", err)
			}
		}
		if err := os.Remove(b.sessionPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileFault("remove", b.sessionPath(id), err)
		}
		return nil
	})
}

func (b *Store) sessionPath(id string) string { return filepath.Join(b.dir(id), "session.json") }

// readSession needs the lock. A damaged file is moved aside: its session can be signed in to again.
func (b *Store) readSession(id string) (storedSession, bool, error) {
	text, err := os.ReadFile(b.sessionPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return storedSession{}, false, nil
	}
	if err != nil {
		return storedSession{}, false, fileFault("read", b.sessionPath(id), err)
	}
	var c storedSession
	if err := json.Unmarshal(text, &c); err != nil || c.UserID == "" {
		return storedSession{}, false, b.moveAside(b.sessionPath(id), err)
	}
	return c, true, nil
}
