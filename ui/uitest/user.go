package uitest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/port"
)

// User is a user of the fake backend: an account, a session and a document.
type User struct {
	backend         *Backend
	email, password string
	unconfirmed     bool // the e-mail address is not confirmed
	account         model.Account
	user            model.User
	session         model.Session
	profileRead     bool // Profile was called
	sessionEnded    bool // the service ended the session
	document        bson.Raw
	duplicates      int // other documents with the same user id
	watchers        map[int]func(model.ChangeEvent)
	nextWatcher     int
	beforeSave      func(*User) // run once, before the next save
	apiKeys         []model.APIKey
	keysUnreadable  bool // they cannot be listed
}

var _ port.User = (*User)(nil)

// newUser returns a user that the backend does not have yet. The caller holds the lock.
func (b *Backend) newUser(email, password string) *User {
	n := len(b.users)
	id := fmt.Sprintf("5f1f216e82df4a7979f9d%03x", 0xa93+n)
	identity := model.Identity{ID: fmt.Sprintf("5f1f216e82df4a7979f9d%03x", 0xa90+n), ProviderType: "anon-user"}
	data := bson.D{}
	if email != "" {
		data = bson.D{{Key: "email", Value: email}}
		identity.ProviderType = "local-userpass"
	}
	identity.Data = Document(data)
	u := &User{
		backend: b, email: email, password: password, watchers: map[int]func(model.ChangeEvent){},
		account: model.Account{ID: "dossier-demo/" + id, Server: "embedded workspace", AppID: "dossier-demo", UserID: id,
			Name: email, Provider: identity.ProviderType, SignedIn: true, LastUsed: b.nowLocked()},
		user: model.User{ID: id, Type: "normal", Data: Document(data), Identities: []model.Identity{identity},
			App: model.AppInfo{
				CustomData: model.CustomDataConfig{Enabled: true, Service: "mongodb-atlas", Database: "app",
					Collection: "custom_user_data", UserIDField: "userId"},
				Functions: []string{"writeCustomUserData"},
			}},
	}
	u.session.UserID = id
	return u
}

// Document returns the BSON of a document. It panics if the document cannot be marshalled.
func Document(d bson.D) bson.Raw {
	raw, err := bson.Marshal(d)
	if err != nil {
		panic(err)
	}
	return raw
}

// Add adds a user with a document, signed in and current; a nil document adds none. _id and userId are filled in.
func (b *Backend) Add(email, password string, doc bson.D) *User {
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.newUser(email, password)
	if doc != nil {
		u.document = Document(append(bson.D{{Key: "_id", Value: bson.ObjectID{0x5f, 0x23, 0x3a, 0x3a, byte(len(b.users))}},
			{Key: "userId", Value: u.user.ID}}, doc...))
	}
	b.users = append(b.users, u)
	b.signedIn = slices.Insert(b.signedIn, 0, u)
	u.profileRead = true
	u.issueToken()
	return u
}

// ForgetAccounts removes the accounts from this machine. The service keeps the users.
func (b *Backend) ForgetAccounts() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signedIn, b.noneCurrent = nil, true
}

// ID returns the user id.
func (u *User) ID() string { return u.user.ID }

// SetApp changes the application's settings in the profile.
func (u *User) SetApp(info model.AppInfo) {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.user.App = info
}

// SetDocument puts a document of any size into the database and the snapshot, without a change event.
func (u *User) SetDocument(doc bson.Raw) {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.document = doc
	u.session.Snapshot.CustomData = doc
}

// WriteAsApp is ChangeField for several fields of the user with an id.
func (b *Backend) WriteAsApp(_ context.Context, userID string, fields bson.D) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range b.users {
		if u.user.ID != userID {
			continue
		}
		for _, f := range fields {
			u.changeField(f.Key, f.Value)
		}
		return nil
	}
	return fmt.Errorf("no user %s", userID)
}

// StoredDocument returns the document in the database.
func (u *User) StoredDocument() bson.Raw {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	return u.document
}

// ChangeField changes a field in the database, as another client would; a nil value removes it. Watchers get an event.
func (u *User) ChangeField(path string, value any) {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.changeField(path, value)
}

// ChangeBeforeSave changes a field just before the next save, so that the save conflicts.
func (u *User) ChangeBeforeSave(path string, value any) {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.beforeSave = func(u *User) { u.changeField(path, value) }
}

func (u *User) changeField(path string, value any) {
	at, err := model.ParsePath(path)
	if err != nil {
		panic(err)
	}
	e := model.Edit{Path: at, Unset: value == nil}
	if value != nil {
		e.Value = model.ValueOf(value)
	}
	u.store(applyEdits(u.document, []model.Edit{e}), "update")
}

// EraseDocument deletes the document, as another client would.
func (u *User) EraseDocument() {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.store(nil, "delete")
}

// store stores a document and sends the watchers an event.
func (u *User) store(doc bson.Raw, operation string) {
	u.document = doc
	if len(u.watchers) > 0 {
		u.compare(u.backend.nowLocked())
	}
	for _, send := range u.watchers {
		send(model.ChangeEvent{Operation: operation, Document: doc, At: u.backend.nowLocked(),
			Refreshes: u.session.Refreshes})
	}
}

// EmitStreamEvent sends the watchers model.StreamInterrupted or model.StreamResumed.
func (u *User) EmitStreamEvent(operation string) {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	for _, send := range u.watchers {
		send(model.ChangeEvent{Operation: operation})
	}
}

// EndSession ends the session at the service: the next call fails with model.SignedOut.
func (u *User) EndSession() {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.sessionEnded = true
}

// issueToken issues a token with a new snapshot. The caller holds the lock.
func (u *User) issueToken() {
	now := u.backend.nowLocked()
	if !u.session.Snapshot.IssuedAt.IsZero() {
		old := u.session.Snapshot
		u.session.Previous = &old
		u.session.Refreshes++
	}
	u.session.SignedIn = true
	u.session.Snapshot = model.Snapshot{CustomData: u.document, IssuedAt: now,
		ExpiresAt: now.Add(cmp.Or(u.backend.TokenLife, TokenLifetime))}
	u.session.Comparison = model.Comparison{}
	if len(u.document) > model.MaxTokenBytes*3/4 {
		u.session.Snapshot.CustomData, u.session.Snapshot.TooLarge = nil, true
	}
}

// authorize starts a call with the user's access token. An expired one is refreshed first.
func (u *User) authorize(ctx context.Context, op string) error {
	if err := u.backend.enter(ctx, op); err != nil {
		return err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if u.sessionEnded {
		return u.sessionEndedFault(op)
	}
	if !u.backend.nowLocked().Before(u.session.Snapshot.ExpiresAt) {
		u.issueToken()
	}
	return nil
}

// sessionEndedFault returns the fault of a call after the end of the session. The caller holds the lock.
func (u *User) sessionEndedFault(op string) error {
	u.session.SignedIn = false
	return &model.Fault{Kind: model.SignedOut, Op: op, Message: "the service ended the session", Advice: "sign in again",
		Code: "InvalidSession"}
}

// compare records a comparison of the snapshot with the document, as the client does. The caller holds the lock.
func (u *User) compare(changedAt time.Time) {
	if !u.session.Snapshot.TooLarge {
		differs := len(model.DiffSnapshot(u.session.Snapshot.CustomData, u.document)) > 0
		u.session.Record(differs, u.backend.nowLocked(), changedAt)
	}
}

// SetDuplicates sets the number of other documents with the same user id.
func (u *User) SetDuplicates(n int) {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.duplicates = n
}

// emailTaken reports whether another user has signed in by this e-mail address or still has to confirm it. The caller
// holds the lock.
func (b *Backend) emailTaken(email string, except *User) bool {
	return email != "" && slices.ContainsFunc(b.users, func(u *User) bool {
		return u != except && u.email == email && (u.unconfirmed || !u.session.Snapshot.IssuedAt.IsZero())
	})
}
