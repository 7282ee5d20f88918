package directory

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// MarkDeleted records permanently that a user is deleted, by id and time only. A concurrent sign-in or link finds the
// mark, and the id is not used again.
func (d *Directory) MarkDeleted(ctx context.Context, id string) error {
	_, err := d.deleted.InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "deleted_at", Value: d.now()}})
	if store.KindOf(err) == store.Duplicate {
		return nil
	}
	return err
}

// IsDeleted reports whether a user is deleted or is being deleted.
func (d *Directory) IsDeleted(ctx context.Context, id string) (bool, error) {
	doc, err := d.deleted.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	return doc != nil, err
}

// UnmarkDeleted allows an id that another system assigned to be used again.
func (d *Directory) UnmarkDeleted(ctx context.Context, id string) error {
	_, err := d.deleted.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

// DeleteUser deletes a user, their identities first, so that an interrupted deletion can be repeated. Custom data
// stays.
func (d *Directory) DeleteUser(ctx context.Context, id string) error {
	if err := d.MarkDeleted(ctx, id); err != nil {
		return err
	}
	if _, err := d.identities.DeleteMany(ctx, bson.D{{Key: "user_id", Value: id}}); err != nil {
		return err
	}
	_, err := d.users.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}
