package uitest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/port"
)

// Person is one made-up person: an account, a session and a document.
type Person struct {
	w               *World
	email, password string
	unconfirmed     bool // the address was never confirmed
	account         model.Account
	user            model.User
	session         model.Session
	known           bool // the profile was asked for
	ended           bool // the service ended the session
	document        bson.Raw
	watchers        map[int]func(model.ChangeEvent)
	nextWatcher     int
	clash           func(*Person) // done once, just before the next save arrives
}

var _ port.User = (*Person)(nil)

// invent makes a person whom nobody knows yet; the lock is held.
func (w *World) invent(email, password string) *Person {
	n := len(w.people)
	id := fmt.Sprintf("5f1f216e82df4a7979f9d%03x", 0xa93+n)
	identity := model.Identity{ID: fmt.Sprintf("5f1f216e82df4a7979f9d%03x", 0xa90+n), ProviderType: "anon-user"}
	data := bson.D{}
	if email != "" {
		data = bson.D{{Key: "email", Value: email}}
		identity.ProviderType = "local-userpass"
	}
	identity.Data = Document(data)
	p := &Person{
		w: w, email: email, password: password, watchers: map[int]func(model.ChangeEvent){},
		account: model.Account{ID: "dossier-demo/" + id, Server: "embedded workspace", AppID: "dossier-demo", UserID: id, Name: email, Provider: identity.ProviderType, SignedIn: true, LastUsed: w.time()},
		user: model.User{ID: id, Type: "normal", Data: Document(data), Identities: []model.Identity{identity}, App: model.AppInfo{
			CustomData: model.CustomDataConfig{Enabled: true, Service: "mongodb-atlas", Database: "app", Collection: "custom_user_data", UserIDField: "userId"},
			Functions:  []string{"writeCustomUserData"},
		}},
	}
	p.session.UserID = id
	return p
}

// Document makes a document of known fields.
func Document(d bson.D) bson.Raw {
	raw, err := bson.Marshal(d)
	if err != nil {
		panic(err)
	}
	return raw
}

// Add puts a person with a document into the world, signed in and current; nil: they have none. Their userId is filled in.
func (w *World) Add(email, password string, doc bson.D) *Person {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.invent(email, password)
	if doc != nil {
		p.document = Document(append(bson.D{{Key: "_id", Value: bson.ObjectID{0x5f, 0x23, 0x3a, 0x3a, byte(len(w.people))}}, {Key: "userId", Value: p.user.ID}}, doc...))
	}
	w.people = append(w.people, p)
	w.signedIn = slices.Insert(w.signedIn, 0, p)
	p.known = true
	p.mint()
	return p
}

// Forget makes this machine know nobody; the people stay known to the service.
func (w *World) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.signedIn, w.nobody = nil, true
}

// ID is the person's user id.
func (p *Person) ID() string { return p.user.ID }

// SetApp changes what the service says about the application.
func (p *Person) SetApp(info model.AppInfo) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.user.App = info
}

// Hold puts a document into the database and into the token, as if it had always been there, whatever its size.
func (p *Person) Hold(doc bson.Raw) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.document = doc
	p.session.Snapshot.CustomData = doc
}

// Held is the person's document as the database holds it.
func (p *Person) Held() bson.Raw {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.document
}

// Change is somebody else changing a field behind the application's back; a nil value takes it away. Watchers hear of it.
func (p *Person) Change(path string, value any) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.change(path, value)
}

// Clash changes a field just before the next save arrives.
func (p *Person) Clash(path string, value any) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.clash = func(p *Person) { p.change(path, value) }
}

func (p *Person) change(path string, value any) {
	at, err := model.ParsePath(path)
	if err != nil {
		panic(err)
	}
	e := model.Edit{Path: at, Unset: value == nil}
	if value != nil {
		e.Value = model.ValueOf(value)
	}
	p.put(edited(p.document, []model.Edit{e}), "update")
}

// Erase deletes the document behind the application's back.
func (p *Person) Erase() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.put(nil, "delete")
}

// put stores a document and tells the watchers.
func (p *Person) put(doc bson.Raw, operation string) {
	p.document = doc
	for _, tell := range p.watchers {
		tell(model.ChangeEvent{Operation: operation, Document: doc})
	}
}

// Stream tells the watchers what became of their stream: model.EventLost or model.EventBack.
func (p *Person) Stream(news string) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	for _, tell := range p.watchers {
		tell(model.ChangeEvent{Operation: news})
	}
}

// End makes the service end the session: the next call finds the person signed out.
func (p *Person) End() {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.ended = true
}

// mint renews the token; the lock is held.
func (p *Person) mint() {
	now := p.w.time()
	if !p.session.Snapshot.IssuedAt.IsZero() {
		old := p.session.Snapshot
		p.session.Previous = &old
		p.session.Refreshes++
	}
	p.session.SignedIn = true
	p.session.Snapshot = model.Snapshot{CustomData: p.document, IssuedAt: now, ExpiresAt: now.Add(Life)}
	p.session.CheckedAt, p.session.StaleSince, p.session.TooLarge = time.Time{}, time.Time{}, false
	if len(p.document) > model.MaxTokenBytes*3/4 {
		p.session.Snapshot.CustomData, p.session.TooLarge = nil, true
	}
}

// authorize is a call with the person's tokens: an expired one is renewed first.
func (p *Person) authorize(ctx context.Context, op string) error {
	if err := p.w.enter(ctx, op); err != nil {
		return err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.ended {
		return p.gone(op)
	}
	if !p.w.time().Before(p.session.Snapshot.ExpiresAt) {
		p.mint()
	}
	return nil
}

// gone is what a call finds once the service has ended the session; the lock is held.
func (p *Person) gone(op string) error {
	p.session.SignedIn = false
	return &model.Fault{Kind: model.SignedOut, Op: op, Message: "the service ended the session", Advice: "sign in again", Code: "InvalidSession"}
}

// Account is how the person is kept on this machine.
func (p *Person) Account() model.Account {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.account
}

// Session is what the application holds now.
func (p *Person) Session() model.Session {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	return p.session
}

// CachedProfile is the profile as the service last gave it.
func (p *Person) CachedProfile() model.User {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if !p.known {
		return model.User{}
	}
	return p.user
}

// Ping asks whether the service answers.
func (p *Person) Ping(ctx context.Context) error {
	if err := p.w.enter(ctx, "reach the service"); err != nil {
		return err
	}
	return nil
}

// Profile asks who the person is.
func (p *Person) Profile(ctx context.Context) (model.User, error) {
	if err := p.authorize(ctx, "read the profile"); err != nil {
		return model.User{}, err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.known = true
	return p.user, nil
}

// Refresh renews the access token.
func (p *Person) Refresh(ctx context.Context) (model.Session, error) {
	if err := p.w.enter(ctx, "refresh"); err != nil {
		return p.Session(), err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.ended {
		return p.session, p.gone("refresh")
	}
	p.mint()
	return p.session, nil
}

// Check reads what the database holds now.
func (p *Person) Check(ctx context.Context) (model.CheckResult, error) {
	if err := p.authorize(ctx, "read the document"); err != nil {
		return model.CheckResult{}, err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.session.CheckedAt = p.w.time()
	if len(model.DiffSnapshot(p.session.Snapshot.CustomData, p.document)) > 0 {
		if p.session.StaleSince.IsZero() {
			p.session.StaleSince = p.w.time()
		}
	} else {
		p.session.StaleSince = time.Time{}
	}
	return model.CheckResult{Document: p.document, CheckedAt: p.w.time()}, nil
}

// Save makes one guarded update.
func (p *Person) Save(ctx context.Context, u model.Update) (model.WriteResult, error) {
	if err := p.authorize(ctx, "save"); err != nil {
		return model.WriteResult{}, err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.w.failure == Denied {
		return model.WriteResult{}, denied("save", "write")
	}
	if p.clash != nil {
		p.clash(p)
		p.clash = nil
	}
	switch {
	case p.document != nil && u.SatisfiedBy(p.document):
		return model.WriteResult{AlreadyDone: true}, nil
	case p.document == nil && !u.Upsert, p.document != nil && !matches(p.document, u.Filter):
		return model.WriteResult{Conflict: true, Theirs: p.document}, nil
	}
	before := p.document
	if before == nil {
		before = Document(bson.D{{Key: "_id", Value: bson.ObjectID{0x60, 1}}, {Key: "userId", Value: p.user.ID}})
	}
	p.put(edited(before, u.Edits), "update")
	return model.WriteResult{Saved: true}, nil
}

func denied(op, right string) error {
	return &model.Fault{Kind: model.PermissionDenied, Op: op, Message: "no rule gives you the right to " + right + " this document", Advice: "ask for a rule on app.custom_user_data, or save by a function", Code: "NoMatchingRuleFound"}
}

// Call runs the one function there is, the seeds' writeCustomUserData.
func (p *Person) Call(ctx context.Context, name string, args []bson.RawValue) (bson.RawValue, error) {
	if err := p.authorize(ctx, "call "+name); err != nil {
		return bson.RawValue{}, err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if name != "writeCustomUserData" {
		return bson.RawValue{}, &model.Fault{Kind: model.Failed, Op: "call " + name, Message: "the application has no such function", Code: "FunctionNotFound"}
	}
	var edits []model.Edit
	if len(args) > 0 && model.KindOf(args[0]) == model.Object {
		elements, err := args[0].Document().Elements()
		if err != nil {
			return bson.RawValue{}, model.InvalidInputf("argument 1", "%v", err)
		}
		for _, e := range elements {
			edits = append(edits, model.Edit{Path: model.Path{e.Key()}, Value: e.Value()})
		}
	}
	p.put(edited(p.document, edits), "update")
	return model.ValueOf(bson.D{{Key: "matchedCount", Value: int32(1)}, {Key: "modifiedCount", Value: int32(1)}}), nil
}

// Watch tells of every change until ctx ends.
func (p *Person) Watch(ctx context.Context, tell func(model.ChangeEvent)) error {
	if !p.w.Events {
		return &model.Fault{Kind: model.Failed, Op: "watch the document", Message: "this deployment has no change events"}
	}
	if err := p.authorize(ctx, "watch"); err != nil {
		return err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	p.nextWatcher++
	n := p.nextWatcher
	p.watchers[n] = tell
	defer delete(p.watchers, n)
	p.w.running--
	p.w.settled.Broadcast()
	p.w.mu.Unlock()
	<-ctx.Done()
	p.w.mu.Lock()
	p.w.running++
	return nil
}

// DeleteDocument deletes the document that was read, if it is still as it was read.
func (p *Person) DeleteDocument(ctx context.Context, r model.CheckResult) (model.WriteResult, error) {
	if err := p.authorize(ctx, "delete the document"); err != nil {
		return model.WriteResult{}, err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	switch {
	case p.w.failure == Denied:
		return model.WriteResult{}, denied("delete the document", "delete")
	case p.document == nil:
		return model.WriteResult{AlreadyDone: true}, nil
	case !slices.Equal(p.document, r.Document):
		return model.WriteResult{Conflict: true, Theirs: p.document}, nil
	}
	p.put(nil, "delete")
	return model.WriteResult{Saved: true}, nil
}

// somebodys reports that an e-mail address proves somebody else who has signed in by it, or waits for its confirmation; the lock is held.
func (w *World) somebodys(email string, but *Person) bool {
	return email != "" && slices.ContainsFunc(w.people, func(p *Person) bool {
		return p != but && p.email == email && (p.unconfirmed || !p.session.Snapshot.IssuedAt.IsZero())
	})
}

// Link adds another identity.
func (p *Person) Link(ctx context.Context, c model.Credential) error {
	if err := p.authorize(ctx, "link an identity"); err != nil {
		return err
	}
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if p.w.failure == Denied {
		return &model.Fault{Kind: model.InvalidCredentials, Op: "link an identity", Message: "the service does not accept this sign-in", Code: "AuthError"}
	}
	email := ""
	for _, f := range c.Fields {
		if f.Key == "username" {
			email = fmt.Sprint(f.Value)
		}
	}
	if p.w.somebodys(email, p) {
		return &model.Fault{Kind: model.IdentityTaken, Op: "link an identity", Message: "this identity belongs to another account already", Code: "AuthError"}
	}
	data := Document(bson.D{})
	if email != "" {
		data = Document(bson.D{{Key: "email", Value: email}})
		p.user.Data, p.account.Name = data, email
	}
	if p.account.Provider == "anon-user" {
		p.account.Provider = c.Provider
	}
	p.user.Identities = append(slices.Clone(p.user.Identities), model.Identity{ID: fmt.Sprintf("5f1f216e82df4a7979f9e%03x", len(p.user.Identities)), ProviderType: c.Provider, Data: data})
	p.mint()
	return nil
}
