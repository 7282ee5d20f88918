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

// storedSession is the content of an account's session file. The refresh token is in it only if no keyring stores it.
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
	ChangedAt  time.Time     `json:"changed_at,omitzero"`
	Documents  int           `json:"documents,omitzero"`
	Profile    storedProfile `json:"profile"`
}

// Tokens returns an account's stored tokens. It reads no keyring: a refresh token in it is missing, see RefreshToken.
func (s *Store) Tokens(id string) (client.Tokens, error) {
	var session storedSession
	var found bool
	err := s.locked(func() (err error) {
		session, found, err = s.readSession(id)
		return err
	})
	if err != nil {
		return client.Tokens{}, err
	}
	if !found {
		return client.Tokens{}, &model.Fault{Kind: model.SignedOut, Message: "there is no stored session for this account",
			Advice: "sign in again"}
	}
	user, err := session.Profile.user()
	if err != nil {
		s.options.Log.Warn("cannot read the stored profile", "error", err)
	}
	return client.Tokens{
		UserID: session.UserID, DeviceID: session.DeviceID, SessionID: session.SessionID, Provider: session.Provider,
		Access: client.Secret(session.Access), Refresh: client.Secret(session.Refresh),
		Profile: user, Comparison: session.comparison(),
	}, nil
}

func (s storedSession) comparison() model.Comparison {
	return model.Comparison{CheckedAt: s.CheckedAt, StaleSince: s.StaleSince, ChangedAt: s.ChangedAt,
		Documents: s.Documents}
}

// SaveTokens implements client.TokenStore: it stores the tokens of a user of this service. It ignores users without an
// account.
func (s *Store) SaveTokens(t client.Tokens) {
	id := client.AccountID(s.options.Server, s.options.AppID, t.UserID)
	var err error
	if t.SignedOut {
		err = s.sessionEnded(id, t.SessionID)
	} else {
		err = cmp.Or(s.saveTokens(id, t, false), s.touch(id, t.Profile.Name(), t.Provider))
	}
	if err != nil {
		s.options.Log.Warn("cannot store a token; the next run may have to refresh it", "error", err)
	}
}

// LoadTokens implements client.TokenStore: it returns the stored tokens, which another process may have refreshed.
func (s *Store) LoadTokens(userID string) (client.Tokens, bool) {
	t, err := s.Tokens(client.AccountID(s.options.Server, s.options.AppID, userID))
	return t, err == nil
}

// RefreshToken implements client.TokenStore: it returns the stored refresh token of a user's session; empty when there
// is none, another process has stored a newer session, or the keyring does not respond.
func (s *Store) RefreshToken(userID, sessionID string) client.Secret {
	id := client.AccountID(s.options.Server, s.options.AppID, userID)
	var session storedSession
	err := s.locked(func() (err error) {
		session, _, err = s.readSession(id)
		return err
	})
	if sessionID != "" && session.SessionID != sessionID {
		return ""
	}
	if err == nil && session.InKeyring {
		session.Refresh, err = s.keyring.get(id)
	}
	if err != nil {
		s.options.Log.Warn("cannot read the refresh token", "error", err)
	}
	return client.Secret(session.Refresh)
}

// saveTokens writes an account's session file. Of two processes the one with the newer token wins. Only a sign-in
// creates the file.
func (s *Store) saveTokens(id string, t client.Tokens, signIn bool) error {
	token, err := model.ParseToken(string(t.Access))
	if err != nil {
		return &model.Fault{Kind: model.Failed, Op: "store a token", Message: "the access token is invalid", Err: err}
	}
	return s.locked(func() error {
		old, found, err := s.readSession(id)
		if err != nil {
			return err
		}
		if !signIn && (!found || old.IssuedAt.After(token.IssuedAt)) {
			return nil
		}
		c := t.Comparison
		if old.Access == string(t.Access) {
			c = c.Merge(old.comparison())
		}
		session := storedSession{
			UserID: t.UserID, DeviceID: t.DeviceID, SessionID: t.SessionID, Provider: t.Provider, Access: string(t.Access),
			IssuedAt:  token.IssuedAt,
			CheckedAt: c.CheckedAt, StaleSince: c.StaleSince, ChangedAt: c.ChangedAt, Documents: c.Documents,
			Profile: storeProfile(t.Profile),
			Refresh: old.Refresh, InKeyring: old.InKeyring,
		}
		if t.Refresh != "" && (signIn || old.SessionID != t.SessionID || !old.InKeyring && old.Refresh != string(t.Refresh)) {
			session.InKeyring = s.keyring.set(id, string(t.Refresh)) == nil
			session.Refresh = string(t.Refresh)
			if session.InKeyring {
				session.Refresh = ""
			}
		}
		text, err := json.MarshalIndent(session, "", "  ")
		if err != nil {
			return err
		}
		return replaceFile(s.sessionPath(id), append(text, '\n'))
	})
}

// sessionEnded records that the service ended a session, unless another process has signed the user in again.
func (s *Store) sessionEnded(id, sessionID string) error {
	other := false
	err := s.locked(func() error {
		session, found, err := s.readSession(id)
		other = found && session.SessionID != sessionID
		return err
	})
	if err != nil || other {
		return err
	}
	if err := s.dropTokens(id); err != nil {
		return err
	}
	return s.update(func(file *storedAccounts) error {
		if i := slices.IndexFunc(file.Accounts, func(e storedAccount) bool { return e.ID == id }); i >= 0 {
			file.Accounts[i].SignedIn = false
		}
		return nil
	})
}

// dropTokens deletes an account's tokens.
func (s *Store) dropTokens(id string) error {
	return s.locked(func() error {
		session, found, err := s.readSession(id)
		if err != nil || !found {
			return err
		}
		if session.InKeyring {
			if err := s.keyring.delete(id); err != nil {
				s.options.Log.Warn("cannot delete the refresh token of an ended session from the keyring", "error", err)
			}
		}
		if err := os.Remove(s.sessionPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fileFault("remove", s.sessionPath(id), err)
		}
		return nil
	})
}

func (s *Store) sessionPath(id string) string { return filepath.Join(s.dir(id), "session.json") }

// readSession requires the lock. It moves a damaged file aside: the user can sign in again.
func (s *Store) readSession(id string) (storedSession, bool, error) {
	text, err := os.ReadFile(s.sessionPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return storedSession{}, false, nil
	}
	if err != nil {
		return storedSession{}, false, fileFault("read", s.sessionPath(id), err)
	}
	var session storedSession
	if err := json.Unmarshal(text, &session); err != nil || session.UserID == "" {
		_, err = s.moveAside(s.sessionPath(id), err)
		return storedSession{}, false, err
	}
	return session, true, nil
}
