package client_test

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/backendtest"
	"dossier/backend/client"
	"dossier/backend/store"
	"dossier/model"
)

// The benchmarks compare requests that a user waits for with the driver calls they contain. The difference is the cost
// of HTTP, tokens and rules.

func benchUser(b *testing.B) (*backendtest.Harness, *client.User) {
	b.Helper()
	w := backendtest.Start(b)
	w.CreateUser(b, "bench@example.com", "bench-password", bson.D{{Key: "favoriteColor", Value: "pink"},
		{Key: "count", Value: int32(0)}})
	user, err := client.New(client.Options{BaseURL: w.URL, AppID: w.AppID, Now: w.Clock.Now}).SignIn(b.Context(),
		model.Credential{
			Provider: "local-userpass", Fields: bson.D{{Key: "username", Value: "bench@example.com"},
				{Key: "password", Value: "bench-password"}},
		})
	if err != nil {
		b.Fatal(err)
	}
	return w, user
}

// find reads one document with the driver, as the service does.
func find(b *testing.B, c *store.Collection, filter any) bson.Raw {
	doc, err := c.FindOne(b.Context(), filter, store.Find{})
	if err != nil || doc == nil {
		b.Fatalf("find %v: %v, %v", filter, doc, err)
	}
	return doc
}

func setField(b *testing.B, c *store.Collection, filter any, key string, value any) {
	if _, err := c.UpdateOne(b.Context(), filter, bson.D{{Key: "$set", Value: bson.D{{Key: key, Value: value}}}},
		store.Change{}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRefresh(b *testing.B) {
	w, user := benchUser(b)
	b.Run("client", func(b *testing.B) {
		for b.Loop() {
			if _, err := user.Refresh(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("driver", func(b *testing.B) {
		session := find(b, w.ServiceCollection("sessions"), bson.D{})
		own := bson.D{{Key: "_id", Value: session.Lookup("_id")}}
		for i := 0; b.Loop(); i++ {
			find(b, w.ServiceCollection("sessions"), own)
			find(b, w.ServiceCollection("users"), bson.D{{Key: "_id", Value: user.ID()}})
			find(b, w.CustomData(), bson.D{{Key: w.CustomDataConfig().UserIDField, Value: user.ID()}})
			setField(b, w.ServiceCollection("sessions"), own, "bench", int32(i))
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	w, user := benchUser(b)
	c := w.CustomDataConfig()
	own := user.MongoClient(c.Service).Database(c.Database).Collection(c.Collection)
	filter := bson.D{{Key: c.UserIDField, Value: user.ID()}}
	b.Run("client", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			update := bson.D{{Key: "$set", Value: bson.D{{Key: "favoriteColor", Value: fmt.Sprint("c", i)}}}}
			if _, err := own.UpdateOne(b.Context(), filter, update, false); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("driver", func(b *testing.B) {
		session := find(b, w.ServiceCollection("sessions"), bson.D{})
		for i := 0; b.Loop(); i++ {
			find(b, w.ServiceCollection("sessions"), bson.D{{Key: "_id", Value: session.Lookup("_id")}})
			find(b, w.ServiceCollection("users"), bson.D{{Key: "_id", Value: user.ID()}})
			find(b, w.CustomData(), filter)
			setField(b, w.CustomData(), filter, "favoriteColor", fmt.Sprint("d", i))
		}
	})
}
