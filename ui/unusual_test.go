package ui_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

// unusualDocuments returns documents that a database can hold but few applications write.
func unusualDocuments() map[string]bson.Raw {
	deep := bson.D{{Key: "end", Value: 1}}
	for range 250 {
		deep = bson.D{{Key: "d", Value: deep}}
	}
	damaged := append(bson.Raw(nil), uitest.Document(bson.D{{Key: "userId", Value: "x"},
		{Key: "name", Value: "long enough"}})...)
	damaged[20] = 0xff
	return map[string]bson.Raw{
		"deep": uitest.Document(deep),
		"keys": uitest.Document(bson.D{{Key: "", Value: "empty"}, {Key: "a", Value: 1}, {Key: "a", Value: "2"},
			{Key: "a.b", Value: bson.A{bson.A{}, bson.D{}}}, {Key: "$set", Value: nil}}),
		"combining": uitest.Document(bson.D{{Key: strings.Repeat("e\u0301\u0302", 40), Value: strings.Repeat("漢👩‍👩‍👧",
			200)}}),
		"damaged": damaged,
		"short":   {5, 0},
		"empty":   uitest.Document(bson.D{}),
	}
}

func TestUnusualDocuments(t *testing.T) {
	keys := []string{"+", "end", "home", "down", "v", "y", "esc", "e", "esc", "esc", "a", "esc", "E", "esc", "esc", "d",
		"esc", "c", "down", "esc", "m", "Y", "y", "/", "a", "enter", "n", "&", "o", "esc", "o", "esc",
		"-", "3", ":", "down", "tab", "a", "enter", "esc", "]", "[", "&", "o", "end", "&", "o", "9", "D", "down", "enter",
		"esc",
		"r"}
	for name, doc := range unusualDocuments() {
		t.Run(name, func(t *testing.T) {
			backend := uitest.NewBackend(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
			user := backend.Add("ada@example.com", "p", bson.D{{Key: "a", Value: 1}})
			d := start(t, backend, wide)
			user.SetDocument(doc)
			d.Press("c", "esc", "r")
			for i, k := range keys {
				size := []image.Point{{140, 44}, {40, 12}, {110, 16}, {20, 5}}[i%4]
				d.Press(k).Resize(size.X, size.Y)
				fits(t, d, size)
			}
		})
	}
}

func TestEveryKeyWithoutAUser(t *testing.T) {
	backend, _ := uitest.Demo()
	backend.ForgetAccounts()
	d := start(t, backend, wide)
	for i, k := range []string{"esc", "e", "a", "d", "E", "D", "U", "f", "r", "c", "m", "v", "y", "Y", "n", "-", "+", "/",
		"x", "esc", ":", "x", "enter", "esc", "&", "o", "]", "4", "tab", "y", "tab", "y", "tab", "y", "tab", "y", "s", "i",
		"d", "esc", "T", "down", "esc", "?", "esc"} {
		size := []image.Point{{140, 44}, {40, 12}, {110, 16}}[i%3]
		d.Press(k).Resize(size.X, size.Y)
		fits(t, d, size)
	}
}
