package embedded_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

func TestLockedFileErrorNamesHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "held.db")
	first, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	_, err = embedded.Open(path, embedded.Options{Now: time.Now, Timeout: 100 * time.Millisecond})
	var locked *embedded.LockedError
	if !errors.As(err, &locked) || locked.Holder != os.Getpid() || locked.Path != path {
		t.Fatalf("second open: %v", err)
	}
	if !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("the message does not name the holder: %s", err)
	}
	must(t, first.Close())
	again, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	must(t, again.Close())
	if _, err := os.Stat(path + ".pid"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the pid file is still there: %v", err)
	}
}

func TestOpenNeedsAClock(t *testing.T) {
	if _, err := embedded.Open("", embedded.Options{}); err == nil {
		t.Error("opened without a clock")
	}
}

func TestTemporaryFileIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	db, err := embedded.Open("", embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	insertAll(t, c, `{"_id": 1}`)
	must(t, db.Close())
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	must(t, err)
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestReopenKeepsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.db")
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	_, err = c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: doc(t, `{"email": 1}`),
		Options: options.Index().SetUnique(true)})
	must(t, err)
	insertAll(t, c, `{"_id": 1, "email": "a@x"}`)
	must(t, db.Close())

	db, err = embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	defer db.Close()
	c = connect(t, db).Database("app").Collection("people")
	if got, want := findOne(t, c, `{"email": "a@x"}`), `{"_id":1,"email":"a@x"}`; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	if _, err := c.InsertOne(t.Context(), doc(t, `{"_id": 2, "email": "a@x"}`)); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("the unique index is gone: %v", err)
	}
}

// filled returns the bytes of a file with several hundred documents and an index.
func filled(t *testing.T, path string) []byte {
	t.Helper()
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	_, err = c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: doc(t, `{"n": 1}`)})
	must(t, err)
	var docs []string
	for i := range 500 {
		docs = append(docs, fmt.Sprintf(`{"_id": %d, "n": %d, "pad": %q}`, i, i%7, strings.Repeat("x", i%300)))
	}
	insertAll(t, c, docs...)
	must(t, db.Close())
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}

func TestDamageIsReportedAndFileUnchanged(t *testing.T) {
	dir := t.TempDir()
	whole := filled(t, filepath.Join(dir, "whole.db"))
	page := os.Getpagesize()
	cases := map[string]func(b []byte) []byte{
		"cut short":         func(b []byte) []byte { return b[:len(b)/2] },
		"both metas zeroed": func(b []byte) []byte { clear(b[:2*page]); return b },
		"not a database":    func([]byte) []byte { return bytes.Repeat([]byte("hello "), 4000) },
		"all after the metas": func(b []byte) []byte {
			for i := 2 * page; i < len(b); i++ {
				b[i] ^= 0x5A
			}
			return b
		},
		"page heads zeroed": func(b []byte) []byte {
			for at := 2 * page; at < len(b); at += page {
				clear(b[at : at+16])
			}
			return b
		},
		"pages swapped": func(b []byte) []byte {
			tail := bytes.Clone(b[2*page:])
			for at := 0; at+2*page <= len(tail); at += 2 * page {
				copy(b[2*page+at:], tail[at+page:at+2*page])
				copy(b[3*page+at:], tail[at:at+page])
			}
			return b
		},
	}
	for name, corrupt := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "corrupted.db")
			corrupted := corrupt(bytes.Clone(whole))
			must(t, os.WriteFile(path, corrupted, 0o600))
			db, err := embedded.Open(path, embedded.Options{Now: time.Now})
			var damaged *embedded.DamagedError
			if !errors.As(err, &damaged) || damaged.Path != path || damaged.Detail == "" {
				if err == nil {
					db.Close()
				}
				t.Fatalf("open: %v", err)
			}
			now, err := os.ReadFile(path)
			must(t, err)
			if !bytes.Equal(now, corrupted) {
				t.Error("the file was changed")
			}
		})
	}
}

// Whatever bytes are damaged, Open either reports the damage or succeeds; it never panics.
func TestRandomDamageNeverPanics(t *testing.T) {
	dir := t.TempDir()
	whole := filled(t, filepath.Join(dir, "whole.db"))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		b := bytes.Clone(whole)
		for range 1 + i {
			b[random.IntN(len(b))] ^= byte(1 + random.IntN(255))
		}
		path := filepath.Join(dir, "random.db")
		must(t, os.WriteFile(path, b, 0o600))
		db, err := embedded.Open(path, embedded.Options{Now: time.Now})
		if err == nil {
			c := connect(t, db).Database("app").Collection("people")
			if cursor, err := c.Find(t.Context(), doc(t, `{}`)); err == nil {
				for cursor.Next(t.Context()) {
				}
			}
			must(t, db.Close())
			continue
		}
		var damaged *embedded.DamagedError
		if !errors.As(err, &damaged) {
			t.Fatalf("round %d: %v", i, err)
		}
	}
}
