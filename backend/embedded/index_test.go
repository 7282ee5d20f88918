package embedded_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// codeOf returns the code of a server error; 0 if err is not one.
func codeOf(err error) int {
	var write mongo.WriteException
	var bulk mongo.BulkWriteException
	var command mongo.CommandError
	switch {
	case errors.As(err, &write) && len(write.WriteErrors) > 0:
		return write.WriteErrors[0].Code
	case errors.As(err, &bulk) && len(bulk.WriteErrors) > 0:
		return bulk.WriteErrors[0].Code
	case errors.As(err, &command):
		return int(command.Code)
	}
	return 0
}

func makeIndex(t testing.TB, c *mongo.Collection, keys string, o *options.IndexOptionsBuilder) error {
	t.Helper()
	_, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: doc(t, keys), Options: o})
	return err
}

func TestUniqueIndexes(t *testing.T) {
	for name, c := range map[string]struct {
		keys      string
		o         *options.IndexOptionsBuilder
		fine, dup string
	}{
		"plain":           {`{"e": 1}`, options.Index(), `{"e": "b"}`, `{"e": "a"}`},
		"missing is null": {`{"x": 1}`, options.Index(), `{"x": 1}`, `{"e": "b"}`},
		"numbers":         {`{"n": 1}`, options.Index(), `{"n": 2}`, `{"n": 1.0}`},
		"compound":        {`{"e": 1, "n": -1}`, options.Index(), `{"e": "a", "n": 2}`, `{"e": "a", "n": 1}`},
		"sparse":          {`{"e": 1}`, options.Index().SetSparse(true), `{"q": 1}`, `{"e": "a"}`},
		"partial": {`{"e": 1}`, options.Index().SetPartialFilterExpression(doc(t, `{"n": {"$gt": 0}}`)),
			`{"e": "a", "n": 0}`, `{"e": "a", "n": 7}`},
		"array":  {`{"l": 1}`, options.Index(), `{"l": [8, 9]}`, `{"l": [2, 7]}`},
		"dotted": {`{"o.k": 1}`, options.Index(), `{"o": {"k": 2}}`, `{"o": {"k": 1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			people := newCollection(t)
			must(t, makeIndex(t, people, c.keys, c.o.SetUnique(true)))
			insertAll(t, people, `{"_id": 1, "e": "a", "n": 1, "l": [1, 2], "o": {"k": 1}}`)
			insertAll(t, people, c.fine)
			_, err := people.InsertOne(t.Context(), doc(t, c.dup))
			if codeOf(err) != 11000 {
				t.Errorf("duplicate: %v", err)
			}
			n, err := people.CountDocuments(t.Context(), doc(t, `{}`))
			must(t, err)
			if n != 2 {
				t.Errorf("%d documents", n)
			}
		})
	}
}

func TestDuplicateKeyErrorNamesKey(t *testing.T) {
	c := newCollection(t)
	must(t, makeIndex(t, c, `{"e": 1}`, options.Index().SetUnique(true)))
	insertAll(t, c, `{"_id": 1, "e": "a"}`, `{"_id": 2, "e": "b"}`)
	_, err := c.UpdateOne(t.Context(), doc(t, `{"_id": 2}`), doc(t, `{"$set": {"e": "a"}}`))
	var we mongo.WriteException
	if !errors.As(err, &we) || !mongo.IsDuplicateKeyError(err) {
		t.Fatalf("update: %v", err)
	}
	e := we.WriteErrors[0]
	if want := `E11000 duplicate key error collection: app.people index: e_1 dup key: { e: "a" }`; e.Message != want {
		t.Errorf("got %s", e.Message)
	}
	if p := e.Raw.Lookup("keyPattern", "e").Int32(); p != 1 {
		t.Errorf("keyPattern %d", p)
	}
	if v := e.Raw.Lookup("keyValue", "e").StringValue(); v != "a" {
		t.Errorf("keyValue %s", v)
	}
	if got := findOne(t, c, `{"_id": 2}`); got != `{"_id":2,"e":"b"}` {
		t.Errorf("the refused update changed %s", got)
	}
}

func TestIndexConflicts(t *testing.T) {
	c := newCollection(t)
	must(t, makeIndex(t, c, `{"a": 1}`, options.Index().SetName("n")))
	must(t, makeIndex(t, c, `{"a": 1}`, options.Index().SetName("n")))
	for keys, want := range map[string]struct {
		o    *options.IndexOptionsBuilder
		code int
	}{
		`{"b": 1}`:                    {options.Index().SetName("n"), 86},
		`{"a": 1}`:                    {options.Index().SetName("other"), 85},
		`{"a": {"$numberLong": "1"}}`: {options.Index().SetUnique(true), 85},
		`{"c": "text"}`:               {options.Index(), 238},
		`{"c": 0}`:                    {options.Index(), 67},
		`{"$**": 1}`:                  {options.Index(), 238},
		`{"h": 1}`:                    {options.Index().SetHidden(true), 238},
		`{"d": 1}`:                    {options.Index().SetCollation(&options.Collation{Locale: "en"}), 238},
		`{"x": 1, "y":1}`:             {options.Index().SetExpireAfterSeconds(5), 67},
	} {
		if err := makeIndex(t, c, keys, want.o); codeOf(err) != want.code {
			t.Errorf("%s: %v, want code %d", keys, err, want.code)
		}
	}
	insertAll(t, c, `{"dup": 1}`, `{"dup": 1}`)
	if err := makeIndex(t, c, `{"dup": 1}`, options.Index().SetUnique(true)); codeOf(err) != 11000 {
		t.Errorf("unique on duplicates: %v", err)
	}
	cursor, err := c.Indexes().List(t.Context())
	must(t, err)
	var got []bson.M
	must(t, cursor.All(t.Context(), &got))
	if len(got) != 2 || got[0]["name"] != "_id_" || got[1]["name"] != "n" {
		t.Errorf("indexes: %v", got)
	}
	if err := c.Indexes().DropOne(t.Context(), "gone"); codeOf(err) != 27 {
		t.Errorf("drop unknown: %v", err)
	}
	if err := c.Indexes().DropOne(t.Context(), "_id_"); codeOf(err) != 72 {
		t.Errorf("drop _id_: %v", err)
	}
	must(t, c.Indexes().DropOne(t.Context(), "n"))
	must(t, makeIndex(t, c, `{"b": 1}`, options.Index().SetName("n")))
	must(t, c.Indexes().DropAll(t.Context()))
}

// Every query returns the same documents with and without indexes.
func TestIndexesDoNotChangeResults(t *testing.T) {
	db := connect(t, open(t)).Database("app")
	plain, indexed := db.Collection("plain"), db.Collection("indexed")
	for _, keys := range []string{`{"a": 1}`, `{"b": -1}`, `{"a": 1, "b": 1}`, `{"b": 1, "a": -1}`, `{"l": 1}`,
		`{"o.k": 1, "a": 1}`} {
		must(t, makeIndex(t, indexed, keys, options.Index()))
	}
	must(t, makeIndex(t, indexed, `{"s": 1}`, options.Index().SetSparse(true)))
	must(t, makeIndex(t, indexed, `{"p": 1}`, options.Index().SetPartialFilterExpression(doc(t, `{"a": {"$gt": 2}}`))))
	must(t, makeIndex(t, indexed, `{"p": -1, "a": 1}`, options.Index().SetPartialFilterExpression(doc(t,
		`{"s": {"$exists": true}, "b": {"$type": "int"}}`))))

	random := rand.New(rand.NewPCG(5, 6))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	scalar := func() string {
		return pick("1", "2", "3", "2.5", "5", `"a"`, `"ab"`, `"abc"`, `"b"`, "null", "true", `{"$numberLong": "3"}`,
			`{"$numberDecimal": "2.5"}`, `{"k": 1}`, `{"$date": "2024-01-01T00:00:00Z"}`)
	}
	var docs []string
	for i := range 300 {
		fields := []string{fmt.Sprintf(`"_id": %d`, i)}
		for _, f := range []string{"a", "b", "s", "p"} {
			if random.IntN(4) > 0 {
				fields = append(fields, fmt.Sprintf("%q: %s", f, scalar()))
			}
		}
		switch random.IntN(4) {
		case 0:
			fields = append(fields, fmt.Sprintf(`"l": [%s, %s], "o": [{"k": %s}, {"k": %s}]`, scalar(), scalar(), scalar(),
				scalar()))
		case 1:
			fields = append(fields, fmt.Sprintf(`"l": %s, "o": {"k": %s}`, scalar(), scalar()))
		case 2:
			fields = append(fields, `"l": [], "o": 7`)
		}
		docs = append(docs, "{"+strings.Join(fields, ", ")+"}")
	}
	insertAll(t, plain, docs...)
	insertAll(t, indexed, docs...)

	condition := func() string {
		op := pick("$eq", "$gt", "$gte", "$lt", "$lte", "$ne", "$in", "$regex", "$exists", "$elemMatch", "$type")
		switch op {
		case "$in":
			return fmt.Sprintf(`{"$in": [%s, %s, %s]}`, scalar(), scalar(), scalar())
		case "$regex":
			return fmt.Sprintf(`{"$regex": %q}`, pick("^a", "^ab?", "b$", "^a.c"))
		case "$exists":
			return fmt.Sprintf(`{"$exists": %s}`, pick("true", "false"))
		case "$elemMatch":
			return fmt.Sprintf(`{"$elemMatch": {"$gt": %s}}`, scalar())
		case "$type":
			return fmt.Sprintf(`{"$type": %q}`, pick("int", "string", "number"))
		}
		return fmt.Sprintf(`{%q: %s}`, op, scalar())
	}
	for range 800 {
		var parts []string
		for range random.IntN(4) {
			f := pick("a", "b", "s", "p", "l", "o.k", "_id")
			c := condition()
			if random.IntN(3) == 0 {
				c = fmt.Sprintf(`{"$gte": %s, "$lt": %s}`, scalar(), scalar())
			}
			parts = append(parts, fmt.Sprintf(`{%q: %s}`, f, c))
		}
		filter := "{}"
		if len(parts) > 0 {
			filter = `{"$and": [` + strings.Join(parts, ", ") + `]}`
		}
		if random.IntN(4) == 0 {
			plain := []string{fmt.Sprintf(`%q: %s`, pick("a", "b", "l", "_id"), scalar())}
			if random.IntN(2) == 0 {
				plain = append(plain, fmt.Sprintf(`%q: %s`, pick("a", "b", "p"), scalar()))
			}
			filter = "{" + strings.Join(plain, ", ") + "}"
		}
		sort := pick(`{}`, `{"a": 1}`, `{"b": 1, "a": -1}`, `{"a": -1, "b": -1}`, `{"b": 1}`, `{"p": 1}`, `{"_id": -1}`,
			`{"l": -1}`)
		o := options.Find().SetSort(doc(t, sort)).SetBatchSize(37)
		got, want := answer(t, indexed, filter, o), answer(t, plain, filter, o)
		if !sameKeys(got, want, sort) {
			t.Fatalf("%s sorted %s:\n got %v\nwant %v", filter, sort, got, want)
		}
	}
}

func answer(t testing.TB, c *mongo.Collection, filter string, o *options.FindOptionsBuilder) []bson.M {
	t.Helper()
	cursor, err := c.Find(t.Context(), doc(t, filter), o)
	must(t, err)
	var out []bson.M
	must(t, cursor.All(t.Context(), &out))
	return out
}

// sameKeys compares results: the same documents, in the same order as far as the sort defines it.
func sameKeys(got, want []bson.M, sort string) bool {
	ids := func(list []bson.M) []string {
		var out []string
		for _, d := range list {
			out = append(out, fmt.Sprint(d["_id"]))
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(ids(got), ids(want)) {
		return false
	}
	if strings.Contains(sort, "_id") || len(got) == 0 {
		return true
	}
	var fields []string
	for _, f := range []string{"a", "b", "p", "l"} {
		if strings.Contains(sort, `"`+f+`"`) {
			fields = append(fields, f)
		}
	}
	for i := range got {
		for _, f := range fields {
			if f != "l" && fmt.Sprint(number(got[i][f])) != fmt.Sprint(number(want[i][f])) {
				return false
			}
		}
	}
	return true
}

// number makes equal numbers of different types comparable; every Decimal128 becomes 2.5.
func number(v any) any {
	switch x := v.(type) {
	case int32:
		return float64(x)
	case int64:
		return float64(x)
	case bson.Decimal128:
		return 2.5
	}
	return v
}
