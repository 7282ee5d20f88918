package profile

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/pane"
	"dossier/ui/state"
)

// shortTerms says in short terms who the current user is, beside the id. The header shows the name and the service.
func shortTerms(r *state.State) []model.Visible {
	if !r.HasUser {
		return nil
	}
	var terms []model.Visible
	if r.User.Type != "" {
		terms = append(terms, model.Show(r.User.Type))
	}
	name := r.UserName().String()
	for _, e := range elements(r.User.Data) {
		if v := r.Value(nil, e.Value()); v.String() != name {
			terms = append(terms, model.Concat(model.Show(e.Key()+" "), v.Clip(maxTermWidth)))
		}
	}
	if providers := providersOf(r); len(providers) > 0 {
		terms = append(terms, model.Show(strings.Join(providers, ", ")))
	}
	if c := r.App().CustomData; c.Complete() {
		terms = append(terms, model.Show("data in "+c.Database+"."+c.Collection))
	}
	return terms
}

// maxTermWidth is the width at which a value among the short terms is cut.
const maxTermWidth = 40

// providersOf lists the providers with which the user can sign in.
func providersOf(r *state.State) []string {
	var list []string
	for _, identity := range r.User.Identities {
		list = append(list, identity.ProviderType)
	}
	if len(list) == 0 && r.Account.Provider != "" {
		list = append(list, r.Account.Provider)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// profileFacts lists what is known about the current user.
func profileFacts(r *state.State) []pane.Fact {
	if !r.HasUser {
		return nil
	}
	var facts []pane.Fact
	add := func(label, raw string, shown model.Visible) {
		if raw != "" {
			facts = append(facts, pane.Fact{Label: label, Value: shown, Raw: raw})
		}
	}
	addPublic := func(label, text string) {
		if text != "" {
			facts = append(facts, pane.Fact{Label: label, Value: model.Show(text), Raw: text, Public: true})
		}
	}
	add("id", r.Account.UserID, r.ID(r.Account.UserID))
	addPublic("type", r.User.Type)
	data := elements(r.User.Data)
	for _, e := range data {
		add(e.Key(), model.Preview(e.Value()), r.Value(nil, e.Value()))
	}
	if len(data) == 0 {
		add("name", r.Account.Name, r.Text(r.Account.Name))
	}
	addPublic("provider", r.Account.Provider)
	addPublic("app", r.Account.AppID)
	addPublic("service", r.Account.Server)
	if config := r.App().CustomData; config.Complete() {
		addPublic("data in", config.Database+"."+config.Collection)
		addPublic("id field", config.UserIDField)
	}
	return facts
}

// identityFacts returns the facts of each identity: provider and id, then the provider's data, indented.
func identityFacts(r *state.State) []pane.Fact {
	var facts []pane.Fact
	for _, identity := range r.User.Identities {
		provider := model.Show(identity.ProviderType + " ")
		facts = append(facts, pane.Fact{Label: "identity", Value: model.Concat(provider, r.ID(identity.ID)),
			Raw: identity.ID})
		for _, e := range elements(identity.Data) {
			facts = append(facts, pane.Fact{
				Label: identityIndent + e.Key(), Value: r.Value(nil, e.Value()), Raw: model.Preview(e.Value()),
			})
		}
	}
	return facts
}

// identityIndent is before the labels of a provider's data.
const identityIndent = "  "

// elements returns the elements of a document; none if it is malformed.
func elements(doc bson.Raw) []bson.RawElement {
	list, err := doc.Elements()
	if err != nil {
		return nil
	}
	return list
}
