package uitest

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// startTime is the first time of Demo.
var startTime = time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)

// Demo returns a backend with three users, and the current one: the demo user of the seeds with favoriteColor pink.
func Demo() (*Backend, *User) {
	b := NewBackend(startTime)
	b.Add("grace@example.com", "grace-password", bson.D{{Key: "favoriteColor", Value: "green"},
		{Key: "language", Value: "en"}})
	b.Add("ada@example.com", "ada-password", nil)
	return b, b.Add("demo@example.com", "demo-password", SampleDocument())
}

// SampleDocument returns custom data with most BSON types.
func SampleDocument() bson.D {
	return bson.D{
		{Key: "description", Value: "a test document for user"},
		{Key: "favoriteColor", Value: "pink"},
		{Key: "language", Value: "en"},
		{Key: "dateOfBirth", Value: bson.NewDateTimeFromTime(time.Date(1990, time.July, 2, 0, 0, 0, 0, time.UTC))},
		{Key: "newsletter", Value: true},
		{Key: "loginCount", Value: int32(42)},
		{Key: "storageUsed", Value: int64(7_516_192_768)},
		{Key: "rating", Value: 4.5},
		{Key: "address", Value: bson.D{{Key: "street", Value: "12 Analytical Row"}, {Key: "city", Value: "London"},
			{Key: "zip", Value: "N1 9GU"}, {Key: "country", Value: "GB"}}},
		{Key: "tags", Value: bson.A{"beta", "early adopter", "newsletter"}},
		{Key: "devices", Value: bson.A{
			bson.D{{Key: "name", Value: "Pixel 9"}, {Key: "os", Value: "Android 16"}},
			bson.D{{Key: "name", Value: "MacBook"}, {Key: "os", Value: "macOS 26"}},
		}},
		{Key: "referrer", Value: nil},
		{Key: "bio", Value: "Likes long walks through short documents.\nWrites \"quoted\" things and, now and then, a very " +
			"long line that does not fit into any column of any terminal."},
	}
}

// LargeDocument returns a document of n fields in groups of 100.
func LargeDocument(n int) bson.Raw {
	var d bson.D
	for i := 0; i < n; i += 100 {
		var group bson.D
		for j := i; j < min(n, i+100); j++ {
			group = append(group, bson.E{Key: fmt.Sprintf("field%06d", j), Value: fmt.Sprintf("value %d", j)})
		}
		d = append(d, bson.E{Key: fmt.Sprintf("group%04d", i/100), Value: group})
	}
	return Document(d)
}
