package model_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/model/testdocument"
)

// largeDocuments returns documents of almost 16 MB, by shape.
func largeDocuments(tb testing.TB) map[string]bson.Raw {
	tb.Helper()
	shapes := map[string]bson.D{
		"fields": testdocument.ManyFields(testdocument.MaxBytes),
		"text":   {{Key: "text", Value: testdocument.LongText(15_000_000, false)}},
		"lines":  {{Key: "text", Value: testdocument.LongText(15_000_000, true)}},
	}
	docs := map[string]bson.Raw{}
	for shape, fields := range shapes {
		raw, err := bson.Marshal(fields)
		if err != nil {
			tb.Fatal(err)
		}
		docs[shape] = raw
	}
	return docs
}

func benchmarkLarge(b *testing.B, run func(doc bson.Raw)) {
	for shape, doc := range largeDocuments(b) {
		b.Run(shape, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				run(doc)
			}
		})
	}
}

func BenchmarkSixteenMegabytesTree(b *testing.B) {
	benchmarkLarge(b, func(doc bson.Raw) { model.NewTree(doc).Row(0) })
}

func BenchmarkSixteenMegabytesExpandAll(b *testing.B) {
	benchmarkLarge(b, func(doc bson.Raw) { model.NewTree(doc).ExpandAll() })
}

// BenchmarkSixteenMegabytesSearch searches the whole document, and up to a match in its middle.
func BenchmarkSixteenMegabytesSearch(b *testing.B) {
	for name, q := range map[string]model.Query{
		"plain": {Text: "not there"}, "regexp": {Text: "not th[ea]re", Regexp: true}, "number": {Text: "987654321"},
		"first hit": {Text: "user 45000"},
	} {
		q.Names, q.Values = true, true
		b.Run(name, func(b *testing.B) {
			benchmarkLarge(b, func(doc bson.Raw) {
				s, err := model.NewSearch(doc, nil, q, nil)
				if err != nil {
					b.Fatal(err)
				}
				s.Next(len(doc), 1)
			})
		})
	}
}

func BenchmarkSixteenMegabytesIndentJSON(b *testing.B) {
	benchmarkLarge(b, func(doc bson.Raw) {
		model.IndentJSON(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc})
	})
}

func BenchmarkSixteenMegabytesClean(b *testing.B) {
	for shape, doc := range largeDocuments(b) {
		if text, ok := doc.Lookup("text").StringValueOK(); ok {
			b.Run(shape, func(b *testing.B) {
				for b.Loop() {
					model.Clean(text)
				}
			})
		}
	}
}
