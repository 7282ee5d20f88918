package model_test

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/model/testdocument"
)

func TestDetails(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	at := time.Date(2026, 3, 14, 23, 30, 0, 0, time.UTC)
	legacy := bson.Binary{Subtype: 3, Data: []byte("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff")}
	decimal, err := bson.ParseDecimal128("0.1000000000000000055511151231257827")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		value any
		want  string
	}{
		{bson.NewDateTimeFromTime(at),
			"time: Sun 15 Mar 2026, 00:30:00 CET (14 Mar 23:30 UTC); Unix ms: 1773531000000"},
		{bson.DateTime(1 << 62), "Unix ms: 4611686018427387904"},
		{bson.NewObjectIDFromTimestamp(at.Add(-12 * time.Hour)), "created: Sat 14 Mar 2026, 12:30:00 CET (11:30 UTC)"},
		{bson.Timestamp{T: 60, I: 5}, "time: Thu 1 Jan 1970, 01:01:00 CET (00:01 UTC); Unix s: 60; increment: 5"},
		{legacy, "subtype: 3, UUID, legacy, 16 bytes; if from Python: 00112233-4455-6677-8899-aabbccddeeff; " +
			"if from Java: 77665544-3322-1100-ffee-ddccbbaa9988; if from C#: 33221100-5544-7766-8899-aabbccddeeff; " +
			"hex: 00112233445566778899aabbccddeeff; base64: ABEiM0RVZneImaq7zN3u/w=="},
		{bson.Binary{Subtype: 4, Data: []byte("\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8")},
			"created: Wed 4 Feb 1998, 23:13:53.151 CET (22:13 UTC); subtype: 4, UUID of version 1, 16 bytes; " +
				"hex: 6ba7b8109dad11d180b400c04fd430c8; base64: a6e4EJ2tEdGAtADAT9QwyA=="},
		{bson.Regex{Pattern: "a", Options: "ix"}, "pattern: a; options: i ignores case, x ignores spaces in the pattern"},
		{bson.CodeWithScope{Code: "f()", Scope: bson.D{{Key: "x", Value: true}}}, `code: f(); scope: {"x":true}`},
		{bson.MinKey{}, "order: before every other value"},
		{bson.Undefined{}, "type: undefined is deprecated"},
		{1e16, "precision: beyond ±2^53 a double does not hold every whole number"},
		{strings.Repeat("ä", 40), "length: 40 characters, 80 bytes"},
		{"short", ""}, {int64(1) << 62, ""}, {decimal, ""}, {nil, ""}, {bson.A{1, 2}, ""},
	} {
		var got []string
		for _, d := range model.Details(model.ValueOf(c.value), zone) {
			got = append(got, d.Label+": "+d.Text)
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%v:\n%s\n%s", c.value, text, c.want)
		}
	}
}

// A UUID of another variant or with a time after the year 9999 has no time; a date is never in a year before 0.
func TestDetailsWithoutAMoment(t *testing.T) {
	for data, want := range map[string]string{
		"\x01\x8f\x00\x00\x00\x00\x70\x00\x00\x00\x00\x00\x00\x00\x00\x01": "4, UUID, 16 bytes",
		"\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\xc0\xb4\x00\xc0\x4f\xd4\x30\xc8": "4, UUID, 16 bytes",
		"\xff\xff\xff\xff\xff\xff\x70\x00\x80\x00\x00\x00\x00\x00\x00\x01": "4, UUID of version 7, 16 bytes",
	} {
		v := model.ValueOf(bson.Binary{Subtype: 4, Data: []byte(data)})
		if d := model.Details(v, nil); d[0].Label != "subtype" || d[0].Text != want {
			t.Errorf("%x: %v", data, d)
		}
		if at, ok := model.Moment(v); ok {
			t.Errorf("%x: %v", data, at)
		}
	}
	first := model.ValueOf(bson.NewDateTimeFromTime(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
	if d := model.Details(first, time.FixedZone("EST", -5*3600)); d[0].Text != "Sat 1 Jan 0000, 00:00:00 UTC" {
		t.Errorf("the first date: %v", d)
	}
}

// Long values are described by a part, values of every type without a panic, also damaged ones.
func TestDetailsOfAnyValue(t *testing.T) {
	for _, size := range []int{0, 15, 16, 255, 256, 257, 1 << 20} {
		for _, d := range model.Details(model.ValueOf(bson.Binary{Data: make([]byte, size)}), nil) {
			if len(d.Text) > 600 {
				t.Errorf("%d bytes: %s has %d bytes", size, d.Label, len(d.Text))
			}
		}
	}
	for _, f := range testdocument.EveryType() {
		v := model.ValueOf(f.Value)
		model.Details(v, nil)
		for n := range v.Value {
			model.Details(bson.RawValue{Type: v.Type, Value: v.Value[:n]}, nil)
			model.Moment(bson.RawValue{Type: v.Type, Value: v.Value[:n]})
		}
		for key, field := range model.Fields(v) {
			if found, ok := model.LookupIn(v, model.Path{key}); !ok || !model.Identical(found, field) {
				t.Errorf("%s: the field %s", f.Key, key)
			}
		}
	}
	for _, k := range model.Kinds() {
		if short := k.Short(); len(short) > 5 || short == "" {
			t.Errorf("%s is short %q", k, short)
		}
	}
}

func TestClipMiddle(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"6b0a5e00000000000014df9", 10, "6b0a5…4df9"}, {"short", 5, "short"}, {"shorter", 5, "sh…er"}, {"shorter", 2, "s…"},
		{"漢字漢字漢字", 6, "漢…字"}, {"漢字漢字漢字", 7, "漢字…字"}, {"", 3, ""}, {"any", 0, ""}, {"e\u0301e\u0301e\u0301e\u0301", 3, "é…é"},
	} {
		got := model.Show(c.text).ClipMiddle(c.width)
		if got.Width() > c.width || got.String() != c.want && got.String() != strings.ReplaceAll(c.want, "é", "e\u0301") {
			t.Errorf("%q in %d cells is %q, want %q", c.text, c.width, got, c.want)
		}
	}
}
