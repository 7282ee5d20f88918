package directory

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// LinkIdentity puts an identity into a person's record, or its data as it is now when it is listed already, and merges its data into the person's. It
// fails with ErrUnknown when the person is gone.
func (d *Directory) LinkIdentity(ctx context.Context, userID string, i Identity) error {
	for {
		doc, err := d.users.FindOne(ctx, bson.D{{Key: "_id", Value: userID}}, store.Find{})
		if err != nil {
			return err
		}
		if doc == nil {
			return ErrNotFound
		}
		set, err := listing(doc, i)
		if err != nil || set == nil {
			return err
		}
		same := bson.D{{Key: "_id", Value: userID}, {Key: "identities", Value: doc.Lookup("identities")}}
		done, err := d.users.UpdateOne(ctx, same, bson.D{{Key: "$set", Value: set}}, store.Change{})
		if err != nil {
			return err
		}
		if done.Matched == 1 {
			return d.setData(ctx, userID, i)
		}
	}
}

// listing is what changes in a user record when it lists an identity; nil: nothing.
func listing(doc bson.Raw, i Identity) (bson.D, error) {
	var r userRow
	if err := bson.Unmarshal(doc, &r); err != nil {
		return nil, fmt.Errorf("read a user record: %w", err)
	}
	n := slices.IndexFunc(r.Identities, func(e listedEntry) bool { return e.Key == i.Key() })
	before := bson.Raw(nil)
	switch {
	case n < 0:
		r.Identities = append(r.Identities, i.listed())
	case bytes.Equal(r.Identities[n].Data, i.Data):
		return nil, nil
	default:
		before = r.Identities[n].Data
		r.Identities[n] = i.listed()
	}
	data, err := merge(r, before)
	return bson.D{{Key: "identities", Value: r.Identities}, {Key: "data", Value: data}}, err
}

// merge is a person's data with what all their identities know, the later before the earlier. What only the former data of an identity said goes.
func merge(r userRow, former bson.Raw) (bson.D, error) {
	data := bson.D{}
	if err := read(r.Data, &data); err != nil {
		return nil, err
	}
	data = slices.DeleteFunc(data, func(e bson.E) bool { _, err := former.LookupErr(e.Key); return err == nil })
	for _, i := range r.Identities {
		var own bson.D
		if err := read(i.Data, &own); err != nil {
			return nil, err
		}
		for _, e := range own {
			n := slices.IndexFunc(data, func(has bson.E) bool { return has.Key == e.Key })
			if n < 0 {
				data = append(data, e)
			} else {
				data[n] = e
			}
		}
	}
	return data, nil
}

func read(doc bson.Raw, into *bson.D) error {
	if len(doc) == 0 {
		return nil
	}
	if err := bson.Unmarshal(doc, into); err != nil {
		return fmt.Errorf("read the data of a user record: %w", err)
	}
	return nil
}

// setData keeps with an identity what is known of it now.
func (d *Directory) setData(ctx context.Context, userID string, i Identity) error {
	if len(i.Data) == 0 {
		return nil
	}
	_, err := d.identities.UpdateOne(ctx, bson.D{{Key: "_id", Value: i.Key()}, {Key: "user_id", Value: userID}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "data", Value: i.Data}}}}, store.Change{})
	return err
}
