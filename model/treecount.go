package model

import "go.mongodb.org/mongo-driver/v2/bson"

// CountFields returns the number of fields and array elements of the document at any depth, up to 200, and of ghosts.
func (t *Tree) CountFields() int {
	all := &Tree{doc: t.doc, ghosts: t.ghosts}
	if t.ghosts == nil {
		return countRows(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: t.doc}, 0, maxDepth)
	}
	all.readRoot()
	all.ExpandAll()
	return all.Len()
}
