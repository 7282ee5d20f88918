package accounts

import (
	"encoding/json"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// storedProfile is the stored form of a model.User. Documents are canonical extended JSON.
type storedProfile struct {
	ID         string           `json:"id"`
	Type       string           `json:"type"`
	Data       json.RawMessage  `json:"data,omitempty"`
	Identities []storedIdentity `json:"identities"`
	App        model.AppInfo    `json:"app"`
}

type storedIdentity struct {
	ID           string          `json:"id"`
	ProviderType string          `json:"provider_type"`
	Data         json.RawMessage `json:"data,omitempty"`
}

func storeProfile(u model.User) storedProfile {
	p := storedProfile{ID: u.ID, Type: u.Type, Data: jsonOf(u.Data), App: u.App, Identities: []storedIdentity{}}
	for _, i := range u.Identities {
		p.Identities = append(p.Identities, storedIdentity{i.ID, i.ProviderType, jsonOf(i.Data)})
	}
	return p
}

func (p storedProfile) user() (model.User, error) {
	u := model.User{ID: p.ID, Type: p.Type, App: p.App}
	var err error
	if u.Data, err = documentOf(p.Data); err != nil {
		return u, err
	}
	for _, i := range p.Identities {
		data, err := documentOf(i.Data)
		if err != nil {
			return u, err
		}
		u.Identities = append(u.Identities, model.Identity{ID: i.ID, ProviderType: i.ProviderType, Data: data})
	}
	return u, nil
}

func jsonOf(doc bson.Raw) json.RawMessage {
	if doc == nil {
		return nil
	}
	return json.RawMessage(model.CanonicalJSON(doc))
}

func documentOf(text json.RawMessage) (bson.Raw, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	return model.ReadDocument(string(text))
}
