package store_test

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/store"
	"dossier/backend/storetest"
)

// conformanceCases defines the results of queries, updates and pipelines as MongoDB documents them, for every
// deployment. A line is a kind, an argument and the result; the line below states where FerretDB 2.7 is known to
// differ.
//
//go:embed testdata/queries.txt
var conformanceCases string

// conformanceRun runs one line against a deployment.
type conformanceRun struct {
	t          *testing.T
	docs       []bson.D
	whole, one *store.Collection // all documents; a collection for a single changed document
}

func TestQueryResultsOnEveryDeployment(t *testing.T) {
	db := storetest.Open(t, time.Now)
	m := &conformanceRun{t: t, whole: db.Collection("whole"), one: db.Collection("one")}
	ferret, asked := db.FerretDB(t), 0
	lines := strings.Split(strings.TrimSpace(conformanceCases), "\n")
	for i, line := range lines {
		kind, rest, _ := strings.Cut(line, " | ")
		switch kind {
		case "document":
			m.add(document(t, rest))
			continue
		case "FerretDB":
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		arg, want, ok := strings.Cut(rest, " | ")
		if !ok {
			t.Fatalf("line %d: expected a kind and an argument: %s", i+1, line)
		}
		got := m.ask(kind, arg)
		asked++
		if got == want {
			continue
		}
		if other, known := strings.CutPrefix(strings.Join(lines[i+1:min(i+2, len(lines))], ""), "FerretDB | "); known &&
			ferret && got == other {
			t.Logf("%s %s: FerretDB returns %s, MongoDB %s", kind, arg, got, want)
			continue
		}
		t.Errorf("%s %s\n got %s\nwant %s", kind, arg, got, want)
	}
	if asked < 100 {
		t.Errorf("only %d questions", asked)
	}
}

func (m *conformanceRun) add(doc bson.D) {
	m.t.Helper()
	m.docs = append(m.docs, doc)
	if _, err := m.whole.InsertOne(m.t.Context(), doc); err != nil {
		m.t.Fatal(err)
	}
}

// ask returns the result as text, or the kind of the error.
func (m *conformanceRun) ask(kind, arg string) string {
	m.t.Helper()
	var a struct{ V bson.RawValue }
	if err := bson.UnmarshalExtJSON([]byte(`{"v":`+arg+`}`), false, &a); err != nil {
		m.t.Fatalf("%s: %v", arg, err)
	}
	answer := map[string]func(bson.RawValue) ([]string, error){
		"find":      func(v bson.RawValue) ([]string, error) { return m.ids(v.Document(), bson.D{{Key: "_id", Value: 1}}) },
		"sort":      func(v bson.RawValue) ([]string, error) { return m.ids(nil, v.Document()) },
		"project":   m.project,
		"aggregate": m.aggregate,
		"distinct":  m.distinct,
		"update":    m.update,
		"upsert":    m.upsert,
	}[kind]
	if answer == nil {
		m.t.Fatalf("%q is no kind of question", kind)
	}
	out, err := answer(a.V)
	if err != nil {
		return "error: " + string(store.KindOf(err))
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, " ")
}

func (m *conformanceRun) ids(filter bson.Raw, sort any) ([]string, error) {
	docs, err := m.whole.Find(m.t.Context(), filter, store.Find{Sort: sort, Projection: bson.D{{Key: "_id", Value: 1}}})
	out := make([]string, len(docs))
	for i, d := range docs {
		out[i] = fmt.Sprint(d.Lookup("_id").AsInt64())
	}
	return out, err
}

func (m *conformanceRun) project(v bson.RawValue) ([]string, error) {
	some := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: bson.A{1, 3}}}}}
	docs, err := m.whole.Find(m.t.Context(), some, store.Find{Sort: bson.D{{Key: "_id", Value: 1}},
		Projection: v.Document()})
	return typed(m.t, docs...), err
}

func (m *conformanceRun) aggregate(v bson.RawValue) ([]string, error) {
	var pipeline bson.A
	if err := v.Unmarshal(&pipeline); err != nil {
		return nil, err
	}
	docs, err := m.whole.Aggregate(m.t.Context(), pipeline)
	return typed(m.t, docs...), err
}

// distinct sorts the values: the order is undefined.
func (m *conformanceRun) distinct(v bson.RawValue) ([]string, error) {
	values, err := m.whole.Distinct(m.t.Context(), v.StringValue(), nil)
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.String()
	}
	slices.Sort(out)
	return out, err
}

func (m *conformanceRun) update(v bson.RawValue) ([]string, error) {
	if err := m.empty(m.docs[0]); err != nil {
		return nil, err
	}
	done, err := m.one.UpdateOne(m.t.Context(), nil, v.Document(), store.Change{})
	if err != nil {
		return nil, err
	}
	after, err := m.one.FindOne(m.t.Context(), nil, store.Find{})
	return append(typed(m.t, after), fmt.Sprintf("%d of %d", done.Modified, done.Matched)), err
}

func (m *conformanceRun) upsert(v bson.RawValue) ([]string, error) {
	if err := m.empty(); err != nil {
		return nil, err
	}
	both, err := v.Array().Values()
	if err != nil {
		return nil, err
	}
	done, err := m.one.UpdateOne(m.t.Context(), both[0].Document(), both[1].Document(), store.Change{Upsert: true})
	if err != nil {
		return nil, err
	}
	after, err := m.one.FindOne(m.t.Context(), nil, store.Find{})
	out := typed(m.t, after)
	if id, made := done.UpsertedID.ObjectIDOK(); made {
		out[0] = strings.ReplaceAll(out[0], id.Hex(), "new")
	}
	return out, err
}

// empty replaces the documents of the collection for changes.
func (m *conformanceRun) empty(docs ...bson.D) error {
	_, err := m.one.DeleteMany(m.t.Context(), nil)
	for _, d := range docs {
		if err == nil {
			_, err = m.one.InsertOne(m.t.Context(), d)
		}
	}
	return err
}

// typed returns documents as canonical extended JSON, which shows every type.
func typed(t *testing.T, docs ...bson.Raw) []string {
	t.Helper()
	out := make([]string, len(docs))
	for i, d := range docs {
		b, err := bson.MarshalExtJSON(d, true, false)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = string(b)
	}
	return out
}
