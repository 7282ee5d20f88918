package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

// crashFile and crashWriters are the environment variables that make the test binary the child process of
// TestKillLosesNothingAcknowledged: the path of the file, and the number of goroutines that write.
const (
	crashFile    = "DOSSIER_EMBEDDED_CRASH_FILE"
	crashWriters = "DOSSIER_EMBEDDED_CRASH_WRITERS"
)

// writeUntilKilled inserts documents and prints each number after its insert is acknowledged.
func writeUntilKilled(path string) int {
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c, err := mongo.Connect(options.Client().ApplyURI(embedded.URI).SetDialer(db))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	coll := c.Database("app").Collection("people")
	writers, _ := strconv.Atoi(os.Getenv(crashWriters))
	var wait sync.WaitGroup
	for first := range writers {
		wait.Go(func() {
			for i := first; ; i += writers {
				_, err := coll.InsertOne(context.Background(), bson.D{{Key: "_id", Value: i},
					{Key: "pad", Value: strings.Repeat("x", i%700)}})
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				fmt.Println(i)
			}
		})
	}
	wait.Wait()
	return 1
}

// Also the changes that share a transaction with others.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	for _, writers := range []int{1, 1, 32, 32, 32} {
		path := filepath.Join(t.TempDir(), "crash.db")
		acknowledged := killAfter(t, path, writers, 200+17*writers)
		db, err := embedded.Open(path, embedded.Options{Now: time.Now, Timeout: time.Second})
		must(t, err)
		coll := connect(t, db).Database("app").Collection("people")
		n, err := coll.CountDocuments(t.Context(), bson.M{"_id": bson.M{"$in": acknowledged}})
		must(t, err)
		if n != int64(len(acknowledged)) {
			t.Errorf("%d writers: %d of %d acknowledged documents are there", writers, n, len(acknowledged))
		}
		must(t, db.Close())
	}
}

// killAfter kills a child process after a number of acknowledged inserts and returns the numbers of all of them.
func killAfter(t *testing.T, path string, writers, until int) (acknowledged []int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashFile+"="+path, crashWriters+"="+strconv.Itoa(writers))
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		must(t, err)
		if acknowledged = append(acknowledged, n); len(acknowledged) == until {
			must(t, child.Process.Kill())
		}
	}
	child.Wait()
	if len(acknowledged) < until {
		t.Fatalf("the child exited after %d inserts", len(acknowledged))
	}
	return acknowledged
}

// A change that fails does not fail those that share its transaction, and is not applied.
func TestFailedChangeLeavesOthersOfItsTransaction(t *testing.T) {
	db := open(t)
	c := connect(t, db).Database("app").Collection("people")
	must(t, makeIndex(t, c, `{"name": 1}`, options.Index().SetUnique(true)))
	insertAll(t, c, `{"_id": "taken", "name": "taken"}`)
	const writers, each = 32, 20
	before := db.Commits()
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", w, i)
				name := id
				if w%4 == 0 {
					name = "taken"
				}
				err := c.FindOneAndUpdate(t.Context(), bson.D{{Key: "_id", Value: id}},
					bson.D{{Key: "$set", Value: bson.D{{Key: "name", Value: name}}}},
					options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Err()
				if name == "taken" && !mongo.IsDuplicateKeyError(err) || name != "taken" && err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	wait.Wait()
	n, err := c.CountDocuments(t.Context(), bson.D{})
	must(t, err)
	if want := int64(1 + writers*3/4*each); n != want {
		t.Errorf("%d documents, want %d", n, want)
	}
	if n := db.Commits() - before; n > writers*3/4*each*2/3 {
		t.Errorf("%d commits for %d changes of %d writers", n, writers*3/4*each, writers)
	}
}
