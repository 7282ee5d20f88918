package directory

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// MarkDeleted notes for good that a person is deleted, by nothing but their id and the time: whoever is signing in as them, or linking to them, at this
// moment finds it, and nobody gets the id again.
func (d *Directory) MarkDeleted(ctx context.Context, id string) error {
	_, err := d.deleted.InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "deleted_at", Value: d.now()}})
	if store.KindOf(err) == store.Duplicate {
		return nil
	}
	return err
}

// IsDeleted reports whether a person is deleted, or is being deleted.
func (d *Directory) IsDeleted(ctx context.Context, id string) (bool, error) {
	doc, err := d.deleted.FindOne(ctx, bson.D{{Key: "_id", Value: id}}, store.Find{})
	return doc != nil, err
}

// UnmarkDeleted lets an id that somebody else gave out be used again.
func (d *Directory) UnmarkDeleted(ctx context.Context, id string) error {
	_, err := d.deleted.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

// DeleteUser forgets a person: their identities first, so that an interrupted deletion can be asked for again. Custom data stays.
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
