package store_test

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
)

// fieldsRead is what a FieldReader reads from a document, by the names of its methods.
type fieldsRead struct {
	Text   string
	Flag   bool
	Count  int64
	Moment time.Time
	Inner  bson.Raw
	Names  []string
}

func readAllFields(doc bson.Raw) (got fieldsRead, err error) {
	fields := store.ReadFields(doc)
	for fields.Next() {
		switch string(fields.Key()) {
		case "text":
			got.Text = fields.String()
		case "flag":
			got.Flag = fields.Bool()
		case "count":
			got.Count = fields.Int64()
		case "moment":
			got.Moment = fields.Time()
		case "inner":
			got.Inner = fields.Document()
		case "list":
			fields.Documents(func(doc bson.Raw) error {
				got.Names = append(got.Names, doc.Lookup("name").StringValue())
				return nil
			})
		}
	}
	return got, fields.Err()
}

func encodeDoc(t *testing.T, d bson.D) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestFieldReader(t *testing.T) {
	moment := time.Date(2030, 3, 14, 9, 26, 53, 589e6, time.UTC)
	inner := encodeDoc(t, bson.D{{Key: "name", Value: "a"}})
	doc := encodeDoc(t, bson.D{{Key: "other", Value: bson.A{1}}, {Key: "text", Value: "é"}, {Key: "flag", Value: true},
		{Key: "count", Value: 7.0}, {Key: "moment", Value: moment}, {Key: "inner", Value: inner},
		{Key: "list", Value: bson.A{inner, bson.D{{Key: "name", Value: "b"}}}}})
	got, err := readAllFields(doc)
	if err != nil || got.Text != "é" || !got.Flag || got.Count != 7 || !got.Moment.Equal(moment) ||
		string(got.Inner) != string(inner) || strings.Join(got.Names, "") != "ab" {
		t.Errorf("read %+v, %v", got, err)
	}
	nulls := bson.D{}
	for _, key := range []string{"text", "flag", "count", "moment", "inner", "list"} {
		nulls = append(nulls, bson.E{Key: key})
		if _, err := readAllFields(encodeDoc(t, bson.D{{Key: key, Value: bson.Regex{}}})); err == nil ||
			!strings.Contains(err.Error(), key) {
			t.Errorf("a regular expression in %s: %v", key, err)
		}
	}
	if got, err := readAllFields(encodeDoc(t, nulls)); err != nil || got.Text != "" || got.Flag || got.Count != 0 ||
		!got.Moment.IsZero() || got.Inner != nil || got.Names != nil {
		t.Errorf("nulls are read as %+v, %v", got, err)
	}
	if got, err := readAllFields(encodeDoc(t, bson.D{{Key: "flag", Value: int32(1)}})); err != nil || !got.Flag {
		t.Errorf("1 is read as %t, %v", got.Flag, err)
	}
	if _, err := readAllFields(encodeDoc(t, bson.D{{Key: "list", Value: bson.A{1}}})); err == nil {
		t.Error("a number in a list of documents is accepted")
	}
	for n := range doc {
		if _, err := readAllFields(doc[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are accepted", n, len(doc))
		}
	}
}
