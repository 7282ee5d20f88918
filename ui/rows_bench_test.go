package ui_test

import (
	"strconv"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

// wideAndDeepDocuments returns documents with many fields in one object, many items in one array, and deep nesting.
func wideAndDeepDocuments() map[string]bson.D {
	fields, items := bson.D{}, make(bson.A, 500_000)
	for i := range 100_000 {
		fields = append(fields, bson.E{Key: "field" + strconv.Itoa(i), Value: "a value of usual length " + strconv.Itoa(i)})
	}
	for i := range items {
		items[i] = int32(i)
	}
	deep := bson.D{{Key: "innermost", Value: int64(7)}, {Key: "text", Value: "at the end"}}
	for i := range 150 {
		deep = bson.D{{Key: "before", Value: int32(i)}, {Key: "inner", Value: deep}, {Key: "after", Value: "x"}}
	}
	return map[string]bson.D{
		"fields": {{Key: "many", Value: fields}}, "array": {{Key: "many", Value: items}},
		"deep":   {{Key: "deep", Value: deep}},
		"folded": {{Key: "a", Value: items}, {Key: "b", Value: fields}, {Key: "c", Value: deep}},
	}
}

// BenchmarkScroll measures keys and frames in wide and deep documents: rows, and pages with their columns.
func BenchmarkScroll(b *testing.B) {
	for name, doc := range wideAndDeepDocuments() {
		backend, user := uitest.Demo()
		user.SetDocument(uitest.Document(doc))
		for motion, keys := range map[string][2]string{"rows": {"down", "up"}, "pages": {"pgdown", "pgup"}} {
			b.Run(name+"/"+motion, func(b *testing.B) {
				d := start(b, backend, screen)
				defer d.Close()
				if d.Press("r"); name != "folded" {
					d.Press("+", "pgdown", "pgdown", "pgdown")
				}
				down, up := uitest.Key(keys[0]), uitest.Key(keys[1])
				b.ReportAllocs()
				for b.Loop() {
					d.Model.Update(down)
					d.Model.Update(up)
				}
			})
		}
	}
}
