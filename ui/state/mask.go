package state

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
)

// MaskStrings returns a value with its strings masked; keys, types and structure stay. Fields whose key keep accepts
// are unchanged; nil: none. A value that is not valid BSON becomes null.
func MaskStrings(v bson.RawValue, keep func(key string) bool) bson.RawValue {
	return model.ValueOf(maskStrings(v, keep))
}

func maskStrings(v bson.RawValue, keep func(key string) bool) any {
	switch v.Type {
	case bson.TypeString:
		return model.Show(v.StringValue()).Mask().String()
	case bson.TypeEmbeddedDocument:
		fields, err := v.Document().Elements()
		if err != nil {
			return nil
		}
		d := bson.D{}
		for _, f := range fields {
			var masked any = f.Value()
			if keep == nil || !keep(f.Key()) {
				masked = maskStrings(f.Value(), keep)
			}
			d = append(d, bson.E{Key: f.Key(), Value: masked})
		}
		return d
	case bson.TypeArray:
		items, err := v.Array().Values()
		if err != nil {
			return nil
		}
		a := bson.A{}
		for _, item := range items {
			a = append(a, maskStrings(item, keep))
		}
		return a
	}
	return v
}
