// Command users makes a workspace with many users, to measure how dossier grows:
//
//	go run ./bench/users -n 1000000 /tmp/users/1000000
//	dossier --data /tmp/users/1000000 whoami
//
// The directory must not hold a workspace. It gets the sample users and, besides them, n generated ones, each with an
// email address (user00000001@example.com, …), the password of the sample account, and a document of custom data. The
// rows are copies of the sample account's with other ids, so that they have the format of the service's own.
//
// May import: backend, backend/app, backend/embedded, backend/store, backend/workspace.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend"
	"dossier/backend/app"
	"dossier/backend/embedded"
	"dossier/backend/store"
	"dossier/backend/workspace"
)

// batch is the number of users per transaction.
const batch = 5000

func main() {
	n := flag.Int("n", 10000, "number of users")
	flag.Parse()
	if flag.NArg() != 1 || *n < 0 {
		fmt.Fprintln(os.Stderr, "usage: users [-n NUMBER] DIR")
		os.Exit(2)
	}
	if err := run(context.Background(), flag.Arg(0), *n); err != nil {
		fmt.Fprintln(os.Stderr, "users:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, n int) error {
	file := filepath.Join(dir, "workspace.db")
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists; name another directory", file)
	}
	w, err := workspace.Open(ctx, workspace.Options{Dir: dir, Now: time.Now, Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := w.Close(ctx); err != nil {
		return err
	}
	db, err := embedded.Open(file, embedded.Options{Now: time.Now, Timeout: time.Second})
	if err != nil {
		return err
	}
	d, err := store.Connect(ctx, store.Options{URI: embedded.URI, Dialer: db})
	if err == nil {
		err = fill(ctx, d, w.App(), n)
		err = errors.Join(err, d.Close(ctx))
	}
	return errors.Join(err, db.Close())
}

// fill adds n users.
func fill(ctx context.Context, d *store.Deployment, a *app.App, n int) error {
	service := backend.ServiceDatabase(a.ID)
	users, identities := d.Collection(service, "users"), d.Collection(service, "identities")
	passwords := d.Collection(service, "passwords")
	custom := d.Collection(a.CustomData.Database, a.CustomData.Collection)
	account := bson.D{{Key: "data.email", Value: workspace.DemoEmail}}
	user, err := one(ctx, users, account)
	if err != nil {
		return err
	}
	byAccount := bson.D{{Key: "_id", Value: "local-userpass:" + workspace.DemoEmail}}
	identity, err := one(ctx, identities, byAccount)
	if err != nil {
		return err
	}
	password, err := one(ctx, passwords, byAccount)
	if err != nil {
		return err
	}
	sample := user[0].Value.(string)
	for done := 0; done < n; done += batch {
		rows := map[*store.Collection][]bson.Raw{}
		for i := done; i < min(done+batch, n); i++ {
			id := bson.NewObjectID().Hex()
			renamed := strings.NewReplacer(sample, id, workspace.DemoEmail, fmt.Sprintf("user%08d@example.com", i+1))
			for coll, row := range map[*store.Collection]any{users: copied(user, renamed), identities: copied(identity, renamed),
				passwords: copied(password, renamed), custom: document(a.CustomData.UserIDField, id, i)} {
				raw, err := bson.Marshal(row)
				if err != nil {
					return err
				}
				rows[coll] = append(rows[coll], raw)
			}
		}
		for coll, docs := range rows {
			if _, err := coll.InsertMany(ctx, docs, true); err != nil {
				return err
			}
		}
	}
	return nil
}

func one(ctx context.Context, c *store.Collection, filter bson.D) (bson.D, error) {
	raw, err := c.FindOne(ctx, filter, store.Find{})
	if err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, fmt.Errorf("the sample account has no row for %v", filter)
	}
	var d bson.D
	return d, bson.Unmarshal(raw, &d)
}

// copied returns a copy of a row with other texts.
func copied(v any, texts *strings.Replacer) any {
	switch x := v.(type) {
	case string:
		return texts.Replace(x)
	case bson.D:
		out := make(bson.D, len(x))
		for i, e := range x {
			out[i] = bson.E{Key: e.Key, Value: copied(e.Value, texts)}
		}
		return out
	case bson.A:
		out := make(bson.A, len(x))
		for i, e := range x {
			out[i] = copied(e, texts)
		}
		return out
	}
	return v
}

// document returns the custom data of user number i.
func document(userIDField, id string, i int) bson.D {
	return bson.D{
		{Key: userIDField, Value: id}, {Key: "favoriteColor", Value: []string{"pink", "teal", "olive"}[i%3]},
		{Key: "displayName", Value: fmt.Sprintf("User Number %d", i+1)}, {Key: "plan", Value: "free"},
		{Key: "address", Value: bson.D{{Key: "city", Value: "Lyon"}, {Key: "zip", Value: fmt.Sprintf("%05d", i%100000)}}},
		{Key: "balance", Value: float64(i%1000) / 4}, {Key: "tags", Value: bson.A{"beta", "newsletter"}},
		{Key: "loginCount", Value: int32(i % 500)},
	}
}
