package uitest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// Account returns the account on this machine.
func (u *User) Account() model.Account {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	return u.account
}

// Session returns the session and the snapshot.
func (u *User) Session() model.Session {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	return u.session
}

// CachedProfile returns the profile if Profile was called.
func (u *User) CachedProfile() model.User {
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if !u.profileRead {
		return model.User{}
	}
	return u.user
}

// Ping reports whether the service answers.
func (u *User) Ping(ctx context.Context) error {
	if err := u.backend.enter(ctx, "cannot reach the service"); err != nil {
		return err
	}
	return nil
}

// Profile returns the profile.
func (u *User) Profile(ctx context.Context) (model.User, error) {
	if err := u.authorize(ctx, "read the profile"); err != nil {
		return model.User{}, err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.profileRead = true
	return u.user, nil
}

// Refresh refreshes the access token.
func (u *User) Refresh(ctx context.Context) (model.Session, error) {
	if err := u.backend.enter(ctx, "refresh"); err != nil {
		return u.Session(), err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if u.sessionEnded {
		return u.session, u.sessionEndedFault("refresh")
	}
	u.issueToken()
	return u.session, nil
}

// Check reads the document and compares it with the snapshot.
func (u *User) Check(ctx context.Context) (model.CheckResult, error) {
	if err := u.authorize(ctx, "read the document"); err != nil {
		return model.CheckResult{}, err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.compare(time.Time{})
	r := model.CheckResult{Document: u.document, CheckedAt: u.backend.nowLocked(), Duplicates: u.duplicates,
		Refreshes: u.session.Refreshes}
	if u.document != nil {
		u.session.Documents = 1 + u.duplicates
	}
	return r, nil
}

// Save carries out one guarded update.
func (u *User) Save(ctx context.Context, update model.Update) (model.WriteResult, error) {
	if err := u.authorize(ctx, "save"); err != nil {
		return model.WriteResult{}, err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if u.backend.failure == Denied {
		return model.WriteResult{}, denied("save", "write")
	}
	if u.beforeSave != nil {
		u.beforeSave(u)
		u.beforeSave = nil
	}
	switch {
	case u.document != nil && update.SatisfiedBy(u.document):
		return model.WriteResult{AlreadyDone: true}, nil
	case u.document == nil && !update.Upsert, u.document != nil && !matches(u.document, update.Filter):
		return model.WriteResult{Conflict: true, Theirs: u.document}, nil
	}
	before := u.document
	if before == nil {
		before = Document(bson.D{{Key: "_id", Value: bson.ObjectID{0x60, 1}}, {Key: "userId", Value: u.user.ID}})
	}
	u.store(applyEdits(before, update.Edits), "update")
	return model.WriteResult{Saved: true}, nil
}

func denied(op, right string) error {
	return &model.Fault{Kind: model.PermissionDenied, Op: op, Message: "no rule gives you the right to " + right +
		" this document", Advice: "ask for a rule on app.custom_user_data, or save by a function",
		Code: "NoMatchingRuleFound"}
}

// Call runs writeCustomUserData, the function of the seeds.
func (u *User) Call(ctx context.Context, name string, args []bson.RawValue) (bson.RawValue, error) {
	if err := u.authorize(ctx, "call "+name); err != nil {
		return bson.RawValue{}, err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if name != "writeCustomUserData" {
		return bson.RawValue{}, &model.Fault{Kind: model.Failed, Op: "call " + name,
			Message: "the application has no such function", Code: "FunctionNotFound"}
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
	u.store(applyEdits(u.document, edits), "update")
	return model.ValueOf(bson.D{{Key: "matchedCount", Value: int32(1)}, {Key: "modifiedCount", Value: int32(1)}}), nil
}

// Watch sends every change until ctx ends.
func (u *User) Watch(ctx context.Context, send func(model.ChangeEvent)) error {
	if !u.backend.ChangeStreams {
		return &model.Fault{Kind: model.Failed, Op: "watch the document", Message: "the deployment has no change streams"}
	}
	if err := u.authorize(ctx, "watch"); err != nil {
		return err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	u.nextWatcher++
	n := u.nextWatcher
	u.watchers[n] = send
	defer delete(u.watchers, n)
	u.backend.running--
	u.backend.settled.Broadcast()
	u.backend.mu.Unlock()
	<-ctx.Done()
	u.backend.mu.Lock()
	u.backend.running++
	return nil
}

// DeleteDocument deletes the document if it was not changed since it was read.
func (u *User) DeleteDocument(ctx context.Context, r model.CheckResult) (model.WriteResult, error) {
	if err := u.authorize(ctx, "delete the document"); err != nil {
		return model.WriteResult{}, err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	switch {
	case u.backend.failure == Denied:
		return model.WriteResult{}, denied("delete the document", "delete")
	case u.document == nil:
		return model.WriteResult{AlreadyDone: true}, nil
	case !slices.Equal(u.document, r.Document):
		return model.WriteResult{Conflict: true, Theirs: u.document}, nil
	}
	u.store(nil, "delete")
	return model.WriteResult{Saved: true}, nil
}

// Link adds an identity.
func (u *User) Link(ctx context.Context, c model.Credential) error {
	if err := u.authorize(ctx, "link an identity"); err != nil {
		return err
	}
	u.backend.mu.Lock()
	defer u.backend.mu.Unlock()
	if u.backend.failure == Denied {
		return &model.Fault{Kind: model.InvalidCredentials, Op: "link an identity",
			Message: "the service does not accept this sign-in", Code: "AuthError"}
	}
	email := ""
	for _, f := range c.Fields {
		if f.Key == "username" {
			email = fmt.Sprint(f.Value)
		}
	}
	if u.backend.emailTaken(email, u) {
		return &model.Fault{Kind: model.IdentityTaken, Op: "link an identity",
			Message: "this identity belongs to another account already", Code: "AuthError"}
	}
	data := Document(bson.D{})
	if email != "" {
		data = Document(bson.D{{Key: "email", Value: email}})
		u.user.Data, u.account.Name = data, email
	}
	if u.account.Provider == "anon-user" {
		u.account.Provider = c.Provider
	}
	u.user.Identities = append(slices.Clone(u.user.Identities), model.Identity{ID: fmt.Sprintf("5f1f216e82df4a7979f9e%03x",
		len(u.user.Identities)), ProviderType: c.Provider, Data: data})
	u.issueToken()
	return nil
}
