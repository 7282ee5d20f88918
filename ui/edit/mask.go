package edit

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/state"
)

// maskUpdate returns an update with its text masked, for display only: keys, types and structure stay.
func maskUpdate(u model.Update) model.Update {
	return model.Update{Filter: maskDocument(u.Filter), Update: maskDocument(u.Update), Upsert: u.Upsert}
}

// maskDocument masks the strings of a filter or update, except the operands of $type and $exists.
func maskDocument(doc bson.Raw) bson.Raw {
	v := bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}
	masked, _ := state.MaskStrings(v, func(key string) bool { return key == "$type" || key == "$exists" }).DocumentOK()
	return masked
}
