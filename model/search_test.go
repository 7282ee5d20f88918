package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// searchAll returns the paths of all matches, found in small steps.
func searchAll(t *testing.T, doc bson.Raw, others []Ghost, q Query) []string {
	t.Helper()
	s, err := NewSearch(doc, others, q, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for progress := 0.0; ; {
		found, more := s.Next(10, 1)
		for _, p := range found {
			all = append(all, p.String())
		}
		if s.Progress() < progress || !more && s.Progress() != 1 {
			t.Errorf("after %v the progress is %v", progress, s.Progress())
		}
		if progress = s.Progress(); !more {
			return all
		}
	}
}

// The name of a class is no upper-case letter of the query.
func TestClassesDoNotMakeTheCaseCount(t *testing.T) {
	for text, want := range map[string]bool{`ab\pL+`: true, `ab\p{Latin}`: true, `ab\P{Greek}`: true, `AB\pL`: true,
		`Ab\pL`: false} {
		pattern, err := Query{Text: text, Regexp: true}.Pattern()
		if err != nil || pattern.MatchString("ABC") != want {
			t.Errorf("%s: %v, %v", text, pattern, err)
		}
	}
}

func TestSearch(t *testing.T) {
	doc := document(t, sample)
	values := document(t, `{"date":{"$date":"2024-05-06T07:08:09.123Z"},"id":{"$oid":"5f1f216e82df4a7979f9da95"},
		"int":1234,"long":{"$numberLong":"-987654321012"},"double":12.5,"whole":{"$numberDouble":"3.0"},"huge":1e300,
		"none":{"$numberDouble":"NaN"},"bool":false,"nothing":null,"decimal":{"$numberDecimal":"1.50"},
		"binary":{"$binary":{"base64":"SGVsbG8=","subType":"00"}},
		"re":{"$regularExpression":{"pattern":"^a+$","options":"i"}}}`)
	for _, c := range []struct {
		doc  bson.Raw
		q    Query
		want string
	}{
		{doc, Query{Text: "zoë"}, "name"},
		{doc, Query{Text: "Zoë"}, "name"},
		{doc, Query{Text: "ZOË"}, ""},
		{doc, Query{Text: "101"}, "address.zip"},
		{doc, Query{Text: "a"}, "name address address.geo.lat tags tags.0 last"},
		{doc, Query{Text: "a", Names: true}, "name address address.geo.lat tags last"},
		{doc, Query{Text: "a", Values: true}, "tags.0"},
		{doc, Query{Text: "true"}, "last"},
		{doc, Query{Text: "nowhere"}, ""},
		{doc, Query{Text: "1"}, "address.zip tags.1.b"},
		{doc, Query{Text: ""}, ""},
		{doc, Query{Text: "^(LAST|zi)", Regexp: true}, "address.zip"},
		{doc, Query{Text: "^(last|z)", Regexp: true}, "name address.zip last"},
		{doc, Query{Text: `^\D{3}$`, Regexp: true, Values: true}, "name"},
		{values, Query{Text: "2024-05-06t07"}, "date"},
		{values, Query{Text: "09.123Z"}, "date"},
		{values, Query{Text: "6E82DF"}, ""},
		{values, Query{Text: "6e82df"}, "id"},
		{values, Query{Text: "-98765"}, "long"},
		{values, Query{Text: "12.5"}, "double"},
		{values, Query{Text: "3.0"}, "whole"},
		{values, Query{Text: "e+300"}, "huge"},
		{values, Query{Text: "nan"}, "none"},
		{values, Query{Text: "fals"}, "bool"},
		{values, Query{Text: "null"}, "nothing"},
		{values, Query{Text: "1.50"}, "decimal"},
		{values, Query{Text: "sgvs"}, "binary"},
		{values, Query{Text: "/^a+$/"}, "re"},
	} {
		if !c.q.Names && !c.q.Values {
			c.q.Names, c.q.Values = true, true
		}
		if got := strings.Join(searchAll(t, c.doc, nil, c.q), " "); got != c.want {
			t.Errorf("%+v finds %q, want %q", c.q, got, c.want)
		}
	}
	if _, err := NewSearch(doc, nil, Query{Text: "a(b", Regexp: true}, nil); err == nil ||
		!strings.Contains(err.Error(), "missing closing )") {
		t.Errorf("the error of a regular expression is %v", err)
	}
}

// TestSearchOfOtherValues: the values of the database and of the draft are found too, at the place of their field.
func TestSearchOfOtherValues(t *testing.T) {
	others := []Ghost{
		{Path: Path{"name"}, Value: ValueOf("needle")},
		{Path: Path{"address", "needle"}, Value: ValueOf(1)},
		{Path: Path{"address", "more"}, Value: ValueOf(bson.D{{Key: "x", Value: bson.A{"needle"}}})},
		{Path: Path{"tags", "2"}, Value: ValueOf("needle")},
		{Path: Path{"in", "side"}, Value: ValueOf("needle")},
	}
	got := searchAll(t, document(t, sample), others, Query{Text: "needle", Names: true, Values: true})
	want := []string{"name", "address.needle", "address.more.x.0", "tags.2", "in.side"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// TestSearchMatchesPlainListing compares a search with a plain comparison of every field.
func TestSearchMatchesPlainListing(t *testing.T) {
	for seed := range uint64(200) {
		g := newGenerator(seed)
		doc := bson.Raw(g.object(5).Value)
		for _, text := range []string{"0", "a", "Z", "é", ".", "-1", "tru", "\x1b", "漢", "nan", "e"} {
			q := Query{Text: text, Names: true, Values: true}
			var want []string
			var list func(v []byte, at Path, array bool)
			list = func(doc []byte, at Path, array bool) {
				n := 0
				for e := range elements(doc) {
					key := string(e.key)
					if array {
						key = fmt.Sprint(n)
					}
					n++
					contains := func(s string) bool {
						return strings.Contains(s, text) || !hasUpper(q) && strings.Contains(strings.ToLower(s), text)
					}
					if !array && contains(key) || !isContainer(e.value) && contains(Text(e.value)) {
						want = append(want, at.Child(key).String())
					}
					if isContainer(e.value) {
						list(e.value.Value, at.Child(key), e.value.Type == bson.TypeArray)
					}
				}
			}
			list(doc, nil, false)
			if got := searchAll(t, doc, nil, q); !slices.Equal(got, want) {
				t.Fatalf("seed %d: %q finds\n%q\nwant\n%q", seed, text, got, want)
			}
		}
	}
}
