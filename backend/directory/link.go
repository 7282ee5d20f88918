package directory

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// LinkIdentity adds an identity to a user's document, or updates its data there, and merges its data into the user's.
// It fails with ErrNotFound when the user does not exist.
func (d *Directory) LinkIdentity(ctx context.Context, userID string, i Identity) error {
	for {
		doc, err := d.users.FindOne(ctx, bson.D{{Key: "_id", Value: userID}}, store.Find{})
		if err != nil {
			return err
		}
		if doc == nil {
			return ErrNotFound
		}
		set, err := linkUpdate(doc, i)
		if err != nil || set == nil {
			return err
		}
		unchanged := bson.D{{Key: "_id", Value: userID}, {Key: "identities", Value: doc.Lookup("identities")}}
		done, err := d.users.UpdateOne(ctx, unchanged, bson.D{{Key: "$set", Value: set}}, store.Change{})
		if err != nil {
			return err
		}
		if done.Matched == 1 {
			return d.storeIdentityData(ctx, userID, i)
		}
	}
}

// linkUpdate returns the fields to set in a user document for linking an identity; nil: none.
func linkUpdate(doc bson.Raw, i Identity) (bson.D, error) {
	var r userRow
	if err := bson.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("decode a user document: %w", err)
	}
	n := slices.IndexFunc(r.Identities, func(e linkedIdentity) bool { return e.Key == i.Key() })
	former := bson.Raw(nil)
	switch {
	case n < 0:
		r.Identities = append(r.Identities, i.linked())
	case bytes.Equal(r.Identities[n].Data, i.Data):
		return nil, nil
	default:
		former = r.Identities[n].Data
		r.Identities[n] = i.linked()
	}
	data, err := mergeData(r, former)
	return bson.D{{Key: "identities", Value: r.Identities}, {Key: "data", Value: data}}, err
}

// mergeData returns the user's data merged with the data of all identities; later identities win. Keys that only the
// former data of an identity had are removed.
func mergeData(r userRow, former bson.Raw) (bson.D, error) {
	data := bson.D{}
	if err := decodeData(r.Data, &data); err != nil {
		return nil, err
	}
	data = slices.DeleteFunc(data, func(e bson.E) bool { _, err := former.LookupErr(e.Key); return err == nil })
	for _, i := range r.Identities {
		var identityData bson.D
		if err := decodeData(i.Data, &identityData); err != nil {
			return nil, err
		}
		for _, e := range identityData {
			n := slices.IndexFunc(data, func(other bson.E) bool { return other.Key == e.Key })
			if n < 0 {
				data = append(data, e)
			} else {
				data[n] = e
			}
		}
	}
	return data, nil
}

func decodeData(doc bson.Raw, into *bson.D) error {
	if len(doc) == 0 {
		return nil
	}
	if err := bson.Unmarshal(doc, into); err != nil {
		return fmt.Errorf("decode the data of a user document: %w", err)
	}
	return nil
}

// storeIdentityData stores the identity's current data with the identity.
func (d *Directory) storeIdentityData(ctx context.Context, userID string, i Identity) error {
	if len(i.Data) == 0 {
		return nil
	}
	_, err := d.identities.UpdateOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "user_id", Value: userID}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "data", Value: i.Data}}}}, store.Change{})
	return err
}
