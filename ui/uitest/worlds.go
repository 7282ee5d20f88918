package uitest

import (
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// noon is when the made-up worlds begin.
var noon = time.Date(2026, time.March, 14, 12, 0, 0, 0, time.UTC)

// Demo is the world of the seeds, made small: the demo user with favoriteColor pink, and two more people.
func Demo() (*World, *Person) {
	w := NewWorld(noon)
	w.Add("grace@example.com", "grace-password", bson.D{{Key: "favoriteColor", Value: "green"}, {Key: "language", Value: "en"}})
	w.Add("ada@example.com", "ada-password", nil)
	return w, w.Add("demo@example.com", "demo-password", Sample())
}

// Sample is custom data with something of everything.
func Sample() bson.D {
	return bson.D{
		{Key: "description", Value: "a test document for user"},
		{Key: "favoriteColor", Value: "pink"},
		{Key: "language", Value: "en"},
		{Key: "dateOfBirth", Value: bson.NewDateTimeFromTime(time.Date(1990, time.July, 2, 0, 0, 0, 0, time.UTC))},
		{Key: "newsletter", Value: true},
		{Key: "loginCount", Value: int32(42)},
		{Key: "storageUsed", Value: int64(7_516_192_768)},
		{Key: "rating", Value: 4.5},
		{Key: "address", Value: bson.D{{Key: "street", Value: "12 Analytical Row"}, {Key: "city", Value: "London"}, {Key: "zip", Value: "N1 9GU"}, {Key: "country", Value: "GB"}}},
		{Key: "tags", Value: bson.A{"beta", "early adopter", "newsletter"}},
		{Key: "devices", Value: bson.A{
			bson.D{{Key: "name", Value: "Pixel 9"}, {Key: "os", Value: "Android 16"}},
			bson.D{{Key: "name", Value: "MacBook"}, {Key: "os", Value: "macOS 26"}},
		}},
		{Key: "referrer", Value: nil},
		{Key: "bio", Value: "Likes long walks through short documents.\nWrites \"quoted\" things and, now and then, a very long line that does not fit into any column of any terminal."},
	}
}

// Large is a document of about n fields in nested groups of a hundred.
func Large(n int) bson.Raw {
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
