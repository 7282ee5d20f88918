package embedded_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/embedded"
)

// largeFile writes a database of 20 MB, more than Open checks at once, and closes it.
func largeFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "large.db")
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	var docs []any
	for i := range 320 {
		docs = append(docs, bson.D{{Key: "_id", Value: i}, {Key: "pad", Value: strings.Repeat("x", 64<<10)}})
	}
	_, err = c.InsertMany(t.Context(), docs)
	must(t, err)
	must(t, db.Close())
	return path
}

// bytesRead is the number of bytes that this process has read through system calls.
func bytesRead(t *testing.T) (n int) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skipf("no count of the bytes read on %s: %v", runtime.GOOS, err)
	}
	_, err = fmt.Sscanf(string(b), "rchar: %d", &n)
	must(t, err)
	return n
}

func TestCleanFileIsOpenedWithoutReadingIt(t *testing.T) {
	path := largeFile(t)
	before := bytesRead(t)
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	must(t, connect(t, db).Database("app").Collection("people").FindOne(t.Context(), bson.M{"_id": 7}).Err())
	must(t, db.Close())
	if n := bytesRead(t) - before; n > 64<<10 {
		t.Errorf("read %d bytes, want at most 64 kB", n)
	}
}

// A file that another program wrote, or that a process left without closing it, is checked and can be used.
func TestUncleanFileIsCheckedInBackground(t *testing.T) {
	path := largeFile(t)
	must(t, os.Remove(path+".clean"))
	before := bytesRead(t)
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	insertAll(t, connect(t, db).Database("app").Collection("people"), `{"_id": "new"}`)
	if n := bytesRead(t) - before; n < 20<<20 {
		t.Errorf("the file was changed after %d bytes of it were checked", n)
	}
	must(t, db.Close())
	if _, err := os.Stat(path + ".clean"); err != nil {
		t.Errorf("the clean shutdown is not recorded: %v", err)
	}
}

// damageLeaf clears the head of a leaf page in the second half of a file and returns its number.
func damageLeaf(b []byte) int {
	page := os.Getpagesize()
	at := len(b) / 2 / page * page
	for binary.NativeEndian.Uint64(b[at:]) != uint64(at/page) || binary.NativeEndian.Uint16(b[at+8:]) != 2 {
		at += page
	}
	clear(b[at : at+16])
	return at / page
}

func TestDamageInALargeFileIsFoundInBackground(t *testing.T) {
	path := largeFile(t)
	b, err := os.ReadFile(path)
	must(t, err)
	damaged := damageLeaf(b)
	must(t, os.WriteFile(path, b, 0o600))
	must(t, os.Chtimes(path, time.Time{}, time.Now().Add(time.Second)))
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	_, err = c.InsertOne(t.Context(), bson.M{"_id": "new"})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("page %d has the number 0", damaged)) ||
		!strings.Contains(err.Error(), "restore a copy") {
		t.Errorf("insert: %v", err)
	}
	if err := c.FindOne(t.Context(), bson.M{"_id": 1}).Err(); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("find: %v", err)
	}
	must(t, db.Close())
	now, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(now, b) {
		t.Error("the file was changed")
	}
	if db, err = embedded.Open(path, embedded.Options{Now: time.Now}); err == nil {
		if _, err = connect(t, db).Database("app").Collection("people").InsertOne(t.Context(), bson.M{}); err == nil {
			t.Error("the next process does not find the damage")
		}
		must(t, db.Close())
	}
}

// Damage in the pages that Open itself reads, before the whole file is checked, neither ends the process nor makes the
// file a new one.
func TestDamageInTheFirstPagesOfALargeFile(t *testing.T) {
	for name, damage := range map[string]func(root []byte){
		"keys beyond the end of the file": func(root []byte) {
			for i := range int(binary.NativeEndian.Uint16(root[10:])) {
				binary.NativeEndian.PutUint32(root[16+16*i+4:], 0x70000000)
			}
		},
		"no buckets": func(root []byte) { binary.NativeEndian.PutUint16(root[10:], 0) },
	} {
		t.Run(name, func(t *testing.T) {
			path := largeFile(t)
			b, err := os.ReadFile(path)
			must(t, err)
			page := os.Getpagesize()
			for meta := range 2 {
				damage(b[int(binary.NativeEndian.Uint64(b[meta*page+16+16:]))*page:])
			}
			must(t, os.WriteFile(path, b, 0o600))
			var damaged *embedded.DamagedError
			if _, err := embedded.Open(path, embedded.Options{Now: time.Now}); !errors.As(err, &damaged) {
				t.Errorf("got %v, want a DamagedError", err)
			}
			now, err := os.ReadFile(path)
			must(t, err)
			if !bytes.Equal(now, b) {
				t.Error("the file was changed")
			}
		})
	}
}

// A file that stays open is checked every day, also when it was closed properly.
func TestOpenFileIsCheckedEveryDay(t *testing.T) {
	path := largeFile(t)
	b, err := os.ReadFile(path)
	must(t, err)
	synctest.Test(t, func(t *testing.T) {
		db, err := embedded.Open(path, embedded.Options{Now: time.Now})
		must(t, err)
		c := connect(t, db).Database("app").Collection("people")
		must(t, c.FindOne(t.Context(), bson.M{"_id": 1}).Err())
		damageLeaf(b)
		must(t, os.WriteFile(path, b, 0o600))
		must(t, c.FindOne(t.Context(), bson.M{"_id": 1}).Err())
		time.Sleep(25 * time.Hour)
		if err := c.FindOne(t.Context(), bson.M{"_id": 1}).Err(); err == nil || !strings.Contains(err.Error(),
			"is damaged") {
			t.Errorf("after a day: %v", err)
		}
		must(t, c.Database().Client().Disconnect(t.Context()))
		must(t, db.Close())
	})
}

// Damage that the check of an open file finds is not forgotten when the file is closed, also if it changed neither the
// file's size nor its time, as a failing disk does.
func TestFoundDamageIsFoundByTheNextProcess(t *testing.T) {
	path := largeFile(t)
	b, err := os.ReadFile(path)
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	damageLeaf(b)
	must(t, os.WriteFile(path, b, 0o600))
	must(t, os.Chtimes(path, time.Time{}, info.ModTime()))
	synctest.Test(t, func(t *testing.T) {
		db, err := embedded.Open(path, embedded.Options{Now: time.Now})
		must(t, err)
		time.Sleep(49 * time.Hour)
		must(t, db.Close())
	})
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	defer db.Close()
	_, err = connect(t, db).Database("app").Collection("people").InsertOne(t.Context(), bson.M{})
	if err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("insert: %v", err)
	}
}

// Earlier versions add events to the log and keep no record of its state.
func TestLogOfAnEarlierVersionIsCounted(t *testing.T) {
	for name, older := range map[string]func(tx *bbolt.Tx) error{
		"no record": func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("state")) },
		"more events than recorded": func(tx *bbolt.Tx) error {
			log := tx.Bucket([]byte("log"))
			k, v := log.Cursor().Last()
			n, err := log.NextSequence()
			if err != nil || n != binary.BigEndian.Uint64(k)+1 {
				return fmt.Errorf("event %d after %x: %w", n, k, err)
			}
			return log.Put(binary.BigEndian.AppendUint64(nil, n), bytes.Clone(v))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "older.db")
			filled(t, path)
			raw, err := bbolt.Open(path, 0o600, nil)
			must(t, err)
			must(t, raw.Update(older))
			must(t, raw.Close())
			for _, commits := range []uint64{1, 0} {
				db, err := embedded.Open(path, embedded.Options{Now: time.Now})
				must(t, err)
				if n := db.Commits(); n != commits {
					t.Errorf("opening made %d commits, want %d", n, commits)
				}
				must(t, db.Close())
			}
			recorded, counted := logRecord(t, path)
			if recorded != counted {
				t.Errorf("the record is %v, the log has %v", recorded, counted)
			}
		})
	}
}

// logRecord returns the recorded numbers of the oldest and the newest event and the size of all events, and the actual
// ones.
func logRecord(t *testing.T, path string) (recorded, counted [3]uint64) {
	t.Helper()
	raw, err := bbolt.Open(path, 0o600, nil)
	must(t, err)
	defer raw.Close()
	must(t, raw.View(func(tx *bbolt.Tx) error {
		r := tx.Bucket([]byte("state")).Get([]byte("log"))
		for i := range recorded {
			recorded[i] = binary.BigEndian.Uint64(r[8*i:])
		}
		return tx.Bucket([]byte("log")).ForEach(func(k, v []byte) error {
			if counted[1] = binary.BigEndian.Uint64(k); counted[0] == 0 {
				counted[0] = counted[1]
			}
			counted[2] += uint64(len(v))
			return nil
		})
	}))
	return recorded, counted
}

// The record follows the log also when old events are removed.
func TestRecordOfATrimmedLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trimmed.db")
	db, err := embedded.Open(path, embedded.Options{Now: time.Now})
	must(t, err)
	c := connect(t, db).Database("app").Collection("people")
	for i := range 5 {
		_, err := c.InsertOne(t.Context(), bson.D{{Key: "_id", Value: i}, {Key: "pad", Value: strings.Repeat("x", 15<<20)}})
		must(t, err)
	}
	must(t, db.Close())
	recorded, counted := logRecord(t, path)
	if recorded != counted || recorded[0] == 1 {
		t.Errorf("the record is %v, the log has %v", recorded, counted)
	}
}

// The memory of a process at rest does not grow with what it has read.
func TestPagesOfTheFileAreReleased(t *testing.T) {
	path := largeFile(t)
	db, err := embedded.Open(path, embedded.Options{Now: time.Now, Sweep: 100 * time.Millisecond})
	must(t, err)
	defer db.Close()
	c := connect(t, db).Database("app").Collection("people")
	n, err := c.CountDocuments(t.Context(), bson.M{"pad": bson.M{"$regex": "x$"}})
	must(t, err)
	if n != 320 {
		t.Fatalf("counted %d documents", n)
	}
	resident := residentPages(t, path)
	for end := time.Now().Add(5 * time.Second); resident > 4<<10 && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
		resident = residentPages(t, path)
	}
	if resident > 4<<10 {
		t.Errorf("%d kB of the file are resident, want at most 4 MB", resident)
	}
	must(t, c.FindOne(t.Context(), bson.M{"_id": 5}).Err())
}

// residentPages is the size of a mapped file in the memory of this process, in kB.
func residentPages(t *testing.T, path string) (kB int) {
	t.Helper()
	b, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skipf("no sizes of mappings on %s: %v", runtime.GOOS, err)
	}
	_, mapping, found := strings.Cut(string(b), path)
	_, mapping, _ = strings.Cut(mapping, "Rss:")
	if _, err := fmt.Sscan(mapping, &kB); err != nil || !found {
		t.Fatalf("%s is not mapped: %v", path, err)
	}
	return kB
}
