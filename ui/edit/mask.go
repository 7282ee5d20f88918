package edit

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// maskUpdate returns an update with its text masked, for display only: keys, types and structure stay.
func maskUpdate(u model.Update) model.Update {
	return model.Update{Filter: maskDocument(u.Filter), Update: maskDocument(u.Update), Upsert: u.Upsert}
}

func maskDocument(doc bson.Raw) bson.Raw {
	fields, err := doc.Elements()
	if err != nil {
		return nil
	}
	d := bson.D{}
	for _, f := range fields {
		d = append(d, bson.E{Key: f.Key(), Value: maskValue(f.Key(), f.Value())})
	}
	raw, err := bson.Marshal(d)
	if err != nil {
		return nil
	}
	return raw
}

func maskValue(key string, v bson.RawValue) any {
	switch {
	case key == "$type" || key == "$exists":
		return v
	case v.Type == bson.TypeString:
		return model.Show(v.StringValue()).Mask().String()
	case v.Type == bson.TypeEmbeddedDocument:
		return maskDocument(v.Document())
	case v.Type == bson.TypeArray:
		items, err := v.Array().Values()
		if err != nil {
			return nil
		}
		a := bson.A{}
		for _, item := range items {
			a = append(a, maskValue("", item))
		}
		return a
	}
	return v
}
