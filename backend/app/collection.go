package app

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/rules"
	"dossier/model"
)

// ForCollection returns an application for a deployment without an application directory: one collection of custom user
// data under the rule "own document", no functions and only the provider "operator". It fails for a collection or a
// user id field that no application may use.
func ForCollection(dataSource string, c model.CustomDataConfig) (*App, error) {
	if _, err := checkCustomData(c); err != nil {
		return nil, err
	}
	c.Enabled, c.Service = true, dataSource
	a := &App{
		ID: idFor(c), Name: c.Database + "." + c.Collection, CustomData: c,
		Providers: map[string]Provider{}, Functions: map[string]*Function{}, Values: map[string]bson.RawValue{},
	}
	own, err := rules.Read(ownDocument(c.UserIDField))
	if err != nil {
		return nil, err
	}
	namespaces := map[Namespace]*Collection{a.CustomDataNamespace(): {Rules: own}}
	a.DataSources = map[string]*DataSource{dataSource: {Name: dataSource, Namespaces: namespaces}}
	return a, nil
}

// ownDocument is the rule that users may read, insert, write and delete the document with their id, as a string or as
// an ObjectId.
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

// idFor derives an application id from a collection's name, so that the users of different collections stay apart.
func idFor(c model.CustomDataConfig) string {
	id := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, c.Database+"-"+c.Collection)
	return id[:min(len(id), 50)]
}
