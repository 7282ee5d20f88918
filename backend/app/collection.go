package app

import (
	"strings"

	"dossier/backend/rules"
	"dossier/model"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ForCollection is the application of a deployment that comes without a directory: one collection of custom user
// data under the rule "own document", no functions and no providers but the operator's. A collection that no
// application may use leaves custom data off, with a notice that says why.
func ForCollection(service string, c model.CustomDataConfig) *App {
	c.Enabled, c.Service = true, service
	a := &App{
		ID: idFor(c), Name: c.Database + "." + c.Collection, CustomData: c,
		Providers: map[string]Provider{}, Functions: map[string]*Function{}, Values: map[string]bson.RawValue{},
		DataSources: map[string]*DataSource{service: {Name: service, Namespaces: map[Namespace]*Collection{}}},
	}
	key, err := checkCustomData(c)
	var own *rules.Namespace
	if err == nil {
		key = ""
		own, err = rules.Read(ownDocument(c.UserIDField))
	}
	if err != nil {
		a.CustomData.Enabled = false
		a.Notices = append(a.Notices, Notice{File: "custom user data", Key: key, Text: err.Error() + "; it is off"})
		return a
	}
	a.DataSources[service].Namespaces[a.CustomDataNamespace()] = &Collection{Rules: own}
	return a
}

// ownDocument lets everybody read, insert, write and delete the document that holds their id, as text or as ObjectId.
func ownDocument(field string) bson.D {
	return bson.D{{Key: "roles", Value: bson.A{bson.D{
		{Key: "name", Value: "owner"},
		{Key: "apply_when", Value: bson.D{{Key: "%or", Value: bson.A{
			bson.D{{Key: field, Value: "%%user.id"}},
			bson.D{{Key: field, Value: bson.D{{Key: "%stringToOid", Value: "%%user.id"}}}},
		}}}},
		{Key: "read", Value: true}, {Key: "write", Value: true}, {Key: "insert", Value: true}, {Key: "delete", Value: true},
	}}}}
}

// idFor makes an application id of a collection's name, so that accounts of different collections stay apart.
func idFor(c model.CustomDataConfig) string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, c.Database+"-"+c.Collection)
	return id[:min(len(id), 50)]
}
