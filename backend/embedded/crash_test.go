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
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"dossier/backend/embedded"
)

// crashFile is the environment variable that makes the test binary the child process of
// TestKillLosesNothingAcknowledged.
const crashFile = "DOSSIER_EMBEDDED_CRASH_FILE"

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
	for i := 0; ; i++ {
		if _, err := coll.InsertOne(context.Background(), bson.D{{Key: "_id", Value: i},
			{Key: "pad", Value: strings.Repeat("x", i%700)}}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(i)
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crash.db")
	acknowledged := -1
	for _, until := range []int{40, 90, 200} {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), crashFile+"="+path+strconv.Itoa(until))
		out, err := child.StdoutPipe()
		must(t, err)
		must(t, child.Start())
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			n, err := strconv.Atoi(lines.Text())
			must(t, err)
			if acknowledged = n; n == until {
				must(t, child.Process.Kill())
			}
		}
		child.Wait()
		if acknowledged < until {
			t.Fatalf("the child exited after %d", acknowledged)
		}
		db, err := embedded.Open(path+strconv.Itoa(until), embedded.Options{Now: time.Now, Timeout: time.Second})
		must(t, err)
		coll := connect(t, db).Database("app").Collection("people")
		n, err := coll.CountDocuments(t.Context(), bson.M{"_id": bson.M{"$lte": acknowledged}})
		must(t, err)
		if n != int64(acknowledged)+1 {
			t.Errorf("%d of %d acknowledged documents are there", n, acknowledged+1)
		}
		must(t, db.Close())
	}
}
