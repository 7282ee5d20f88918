package workspace

import (
	"context"
	"net"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/client"
	"dossier/backend/store"
	"dossier/model"
)

// sampleUser is a user of the sample data. The user id is added to the documents.
type sampleUser struct {
	email    string // empty: anonymous
	password string
	// signs in anonymously first; with an e-mail address, a second identity is linked
	anonymous bool
	documents func(userID string) []bson.D // nil: no custom data
}

// seed creates the sample users in a new workspace.
func (o Options) seed(ctx context.Context, h *instance) error {
	if err := o.ensureUserIDIndex(ctx, h); err != nil {
		return err
	}
	for _, p := range sampleUsers(o.Now()) {
		if _, err := o.createUser(ctx, h, p); err != nil {
			return err
		}
	}
	return nil
}

// ensureUserIDIndex creates a unique index on the user id field: dossier owns this collection, so each user has one
// document. An id as a string and the same id as an ObjectId are different values.
func (o Options) ensureUserIDIndex(ctx context.Context, h *instance) error {
	if !o.App.CustomData.Complete() {
		return nil
	}
	return o.collection(h).EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: o.App.CustomData.UserIDField, Value: 1}},
		Unique: true})
}

func (o Options) collection(h *instance) *store.Collection {
	return h.data.Collection(o.App.CustomData.Database, o.App.CustomData.Collection)
}

// createUser creates one user with their documents and returns the user id.
func (o Options) createUser(ctx context.Context, h *instance, u sampleUser) (string, error) {
	id, err := o.registerUser(ctx, h, u)
	if err != nil || u.documents == nil {
		return id, err
	}
	for _, doc := range u.documents(id) {
		if _, err := o.collection(h).InsertOne(ctx, doc); err != nil {
			return id, err
		}
	}
	return id, nil
}

func (o Options) registerUser(ctx context.Context, h *instance, u sampleUser) (string, error) {
	if !u.anonymous {
		return h.service.Register(ctx, u.email, u.password)
	}
	c := client.New(client.Options{BaseURL: BaseURL, IgnoreLocation: true, AppID: o.App.ID, Now: o.Now,
		Transport: &http.Transport{
			DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return h.pipe.Dial(ctx) },
			DisableKeepAlives: true,
		}})
	user, err := c.SignIn(ctx, model.Credential{Provider: api.Anonymous})
	if err != nil {
		return "", err
	}
	if u.email == "" {
		return user.ID(), nil
	}
	if err := c.Register(ctx, u.email, u.password); err != nil {
		return "", err
	}
	return user.ID(), user.Link(ctx, model.Credential{
		Provider: api.EmailPassword, Fields: bson.D{{Key: "username", Value: u.email}, {Key: "password", Value: u.password}},
	})
}
