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

// person is somebody made up. Documents are written as they are, with the user id put in.
type person struct {
	email     string // empty: anonymous
	password  string
	anonymous bool                         // signed in anonymously first: with an e-mail address, a second identity is linked
	documents func(userID string) []bson.D // nil: no custom data
}

// seed puts the handful of made-up people into a new workspace.
func (o Options) seed(ctx context.Context, h *held) error {
	if err := o.prepare(ctx, h); err != nil {
		return err
	}
	for _, p := range handful(o.Now()) {
		if _, err := o.admit(ctx, h, p); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes the index on the user id field: dossier owns this collection, so one person has one document. An id as text and the same as ObjectId are two values.
func (o Options) prepare(ctx context.Context, h *held) error {
	if !o.App.CustomData.Complete() {
		return nil
	}
	return o.collection(h).EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: o.App.CustomData.UserIDField, Value: 1}}, Unique: true})
}

func (o Options) collection(h *held) *store.Collection {
	return h.data.Collection(o.App.CustomData.Database, o.App.CustomData.Collection)
}

// admit makes one person's account and documents, and returns the user id.
func (o Options) admit(ctx context.Context, h *held, p person) (string, error) {
	id, err := o.account(ctx, h, p)
	if err != nil || p.documents == nil {
		return id, err
	}
	for _, doc := range p.documents(id) {
		if _, err := o.collection(h).InsertOne(ctx, doc); err != nil {
			return id, err
		}
	}
	return id, nil
}

func (o Options) account(ctx context.Context, h *held, p person) (string, error) {
	if !p.anonymous {
		return h.service.Register(ctx, p.email, p.password)
	}
	c := client.New(client.Options{BaseURL: BaseURL, AppID: o.App.ID, Now: o.Now, Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return h.memory.Dial(ctx) },
		DisableKeepAlives: true,
	}})
	somebody, err := c.SignIn(ctx, model.Credential{Provider: api.Anonymous})
	if err != nil {
		return "", err
	}
	if p.email == "" {
		return somebody.ID(), nil
	}
	if err := c.Register(ctx, p.email, p.password); err != nil {
		return "", err
	}
	return somebody.ID(), somebody.Link(ctx, model.Credential{
		Provider: api.EmailPassword, Fields: bson.D{{Key: "username", Value: p.email}, {Key: "password", Value: p.password}},
	})
}
