package client

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// duplicateLimit limits how many documents with the same user id are read and counted.
const duplicateLimit = 10

// Check reads the custom data document from the database under the user's rules. If several documents have the user id,
// the first one counts: a string id before an ObjectId, then the lowest `_id`.
func (u *User) Check(ctx context.Context) (model.CheckResult, error) {
	return u.check(ctx, "cannot check the custom data")
}

// checkAttempts limits how often one check reads the document because its token was replaced or a change event arrived
// while it was read.
const checkAttempts = 3

func (u *User) check(ctx context.Context, op string) (model.CheckResult, error) {
	coll, field, err := u.collection(op)
	if err != nil {
		return model.CheckResult{}, err
	}
	for attempt := 1; ; attempt++ {
		events := u.comparedEvents()
		docs, result, err := coll.find(ctx, op, userFilter(field, u.ID()), FindOptions{
			Sort:  userOrder(field),
			Limit: duplicateLimit,
		})
		if err != nil {
			return model.CheckResult{}, err
		}
		r := model.CheckResult{CheckedAt: u.client.options.Now(), Exact: result.exact}
		if len(docs) > 0 {
			id, _ := model.Path{field}.Lookup(docs[0])
			r.Document, r.Duplicates, r.UserIDIsObjectID = docs[0], len(docs)-1, id.Type == bson.TypeObjectID
		}
		refreshes, recorded := u.recordCheck(observation{doc: r.Document, documents: len(docs)}, result.token, events)
		switch {
		case recorded:
			r.Refreshes = refreshes
			return r, nil
		case attempt == checkAttempts:
			r.Refreshes = -1
			return r, nil
		}
	}
}

// userOrder sorts the document that counts first: BSON orders strings before ObjectIds. The user id field may be `_id`
// itself.
func userOrder(field string) bson.D {
	if field == "_id" {
		return bson.D{{Key: field, Value: 1}}
	}
	return bson.D{{Key: field, Value: 1}, {Key: "_id", Value: 1}}
}

// userFilter matches the user's documents, with the id stored as a string or as an ObjectId.
func userFilter(field, userID string) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: "$in", Value: idForms(userID)}}}}
}

func idForms(hex string) bson.A {
	ids := bson.A{hex}
	if oid, err := bson.ObjectIDFromHex(hex); err == nil {
		ids = append(ids, oid)
	}
	return ids
}
