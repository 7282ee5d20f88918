package embedded_test

import (
	"path/filepath"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

// A command that changes nothing writes nothing: it needs no sync.
func TestCommandsThatChangeNothingCommitNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "commits.db")
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	index := mongo.IndexModel{Keys: doc(t, `{"email": 1}`), Options: options.Index().SetUnique(true)}
	_, err = c.Indexes().CreateOne(t.Context(), index)
	must(t, err)
	insertAll(t, c, `{"_id": 1, "email": "a@x", "n": 1}`)
	must(t, db.Close())

	db, err = embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	defer db.Close()
	app := connect(t, db).Database("app")
	c = app.Collection("people")
	for name, run := range map[string]func() error{
		"find":  func() error { return c.FindOne(t.Context(), doc(t, `{"_id": 1}`)).Err() },
		"index": func() error { _, err := c.Indexes().CreateOne(t.Context(), index); return err },
		"update without a match": func() error {
			_, err := c.UpdateOne(t.Context(), doc(t, `{"_id": 2}`), doc(t, `{"$set": {"n": 2}}`))
			return err
		},
		"update without an effect": func() error {
			_, err := c.UpdateOne(t.Context(), doc(t, `{"_id": 1}`), doc(t, `{"$set": {"n": 1}}`))
			return err
		},
		"delete without a match": func() error { _, err := c.DeleteMany(t.Context(), doc(t, `{"n": {"$lt": 0}}`)); return err },
		"refused insert": func() error {
			if _, err := c.InsertOne(t.Context(), bson.D{{Key: "email", Value: "a@x"}}); !mongo.IsDuplicateKeyError(err) {
				return err
			}
			return nil
		},
		"drop of no collection": func() error { return app.Collection("none").Drop(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			before := db.Commits()
			must(t, run())
			if n := db.Commits() - before; n != 0 {
				t.Errorf("%d commits, want none", n)
			}
		})
	}
	if n := db.Commits(); n != 0 {
		t.Errorf("%d commits since the file was opened, want none", n)
	}
	insertAll(t, c, `{"_id": 2, "email": "b@x"}`)
	if n := db.Commits(); n != 1 {
		t.Errorf("an insert made %d commits, want 1", n)
	}
}

func TestSweepOfNothingCommitsNothing(t *testing.T) {
	db, err := embedded.Open(filepath.Join(t.TempDir(), "swept.db"), embedded.Options{Now: time.Now,
		Sweep: time.Millisecond})
	must(t, err)
	defer db.Close()
	c := connect(t, db).Database("app").Collection("people")
	_, err = c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: doc(t, `{"at": 1}`),
		Options: options.Index().SetExpireAfterSeconds(3600)})
	must(t, err)
	_, err = c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: 1}, {Key: "at", Value: time.Now()}})
	must(t, err)
	before := db.Commits()
	time.Sleep(50 * time.Millisecond)
	if n := db.Commits() - before; n != 0 {
		t.Errorf("%d commits, want none", n)
	}
}
