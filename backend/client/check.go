package client

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// lookLimit bounds how many documents that carry one user id are counted.
const lookLimit = 10

// Check reads what the database holds now, as the person may read it. Where several documents carry the user id, the one that counts comes first: a string id
// before an ObjectId, then the lowest `_id`.
func (p *User) Check(ctx context.Context) (model.CheckResult, error) {
	return p.look(ctx, "look at the database")
}

func (p *User) look(ctx context.Context, op string) (model.CheckResult, error) {
	coll, field, err := p.collection(op)
	if err != nil {
		return model.CheckResult{}, err
	}
	docs, used, err := coll.find(ctx, op, ownFilter(field, p.ID()), FindOptions{
		Sort:  ownOrder(field),
		Limit: lookLimit,
	})
	if err != nil {
		return model.CheckResult{}, err
	}
	r := model.CheckResult{CheckedAt: p.client.o.Now()}
	if len(docs) > 0 {
		id, _ := model.Path{field}.Lookup(docs[0])
		r.Document, r.Duplicates, r.UserIDIsObjectID = docs[0], len(docs)-1, id.Type == bson.TypeObjectID
	}
	p.saw(r.Document, r.CheckedAt, used)
	return r, nil
}

// ownOrder puts the document that counts first: BSON orders strings before ObjectIds. The user id may be the `_id` itself.
func ownOrder(field string) bson.D {
	if field == "_id" {
		return bson.D{{Key: field, Value: 1}}
	}
	return bson.D{{Key: field, Value: 1}, {Key: "_id", Value: 1}}
}

// ownFilter matches a person's document whether the id is stored as text or as an ObjectId.
func ownFilter(field, userID string) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: "$in", Value: bothForms(userID)}}}}
}

func bothForms(hex string) bson.A {
	ids := bson.A{hex}
	if oid, err := bson.ObjectIDFromHex(hex); err == nil {
		ids = append(ids, oid)
	}
	return ids
}
