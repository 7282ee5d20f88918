package ui_test

import (
	"runtime"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model/testdocument"
	"dossier/ui/uitest"
)

// allocatedBytes returns how many bytes the process allocates while f runs.
func allocatedBytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// largeDocuments returns the fields of documents of almost 16 MB. The third field is the large one, if there is one.
func largeDocuments() map[string]bson.D {
	small := bson.D{{Key: "first", Value: int32(1)}}
	return map[string]bson.D{
		"fields": testdocument.ManyFields(testdocument.MaxBytes),
		"text":   append(small, bson.E{Key: "text", Value: testdocument.LongText(15_000_000, false)}),
		"lines":  append(small, bson.E{Key: "text", Value: testdocument.LongText(15_000_000, true)}),
	}
}

func openLarge(t testing.TB, fields bson.D) *uitest.Driver {
	backend, user := uitest.Demo()
	user.SetDocument(uitest.Document(fields))
	return start(t, backend, screen)
}

// TestAKeyInALargeDocumentHandlesOnlyWhatIsVisible: what a key and its frame allocate does not depend on the size of
// the document, nor on that of the value in the selected row.
func TestAKeyInALargeDocumentHandlesOnlyWhatIsVisible(t *testing.T) {
	const limit = 2_000_000
	for shape, fields := range largeDocuments() {
		d := openLarge(t, fields)
		key := func(k string) {
			t.Helper()
			if n := allocatedBytes(func() { d.Model.Update(uitest.Key(k)); d.Model.View() }); n > limit {
				t.Errorf("%s: the key %s allocates %d bytes", shape, k, n)
			}
		}
		for _, k := range []string{"down", "down", "down", "up", "end", "home", "end", "pgup", "up", "down", "down"} {
			key(k)
		}
		for _, k := range []string{":", "r", "t", "down", "down", "tab", "esc", "]", "1", "end"} {
			key(k)
		}
		d.Press("v")
		for _, k := range []string{"down", "pgdown", "end", "up", "pgup", "home"} {
			key(k)
		}
		d.Press("esc", "/")
		d.Type("text")
		d.Press("enter", "end")
		for _, k := range []string{"n", "up", "down"} {
			key(k)
		}
		d.Close()
	}
}

// TestTypingInALargeValueCopiesItOnce: a key in the editor of a large value or document, and the keys after it, copy
// the text at most once for the check and the draft on disk. Closing copies it for the prompt.
func TestTypingInALargeValueCopiesItOnce(t *testing.T) {
	const moving, typing = 2_000_000, 40_000_000
	for shape, fields := range largeDocuments() {
		for _, editor := range []string{"e", "E"} {
			d := openLarge(t, fields)
			d.Press("end", editor)
			for _, k := range []string{"up", "down", "x", "y", "left", "pgdown", "backspace", "esc"} {
				limit := uint64(moving)
				if k == "x" || k == "y" || k == "backspace" || k == "esc" {
					limit = typing
				}
				if n := allocatedBytes(func() { d.Model.Update(uitest.Key(k)); d.Model.View() }); n > limit {
					t.Errorf("%s: the key %s after %s allocates %d bytes", shape, k, editor, n)
				}
			}
			d.Close()
		}
	}
}

// BenchmarkSixteenMegabytes measures a key and its frame in the largest documents: in the tree, in the view of the
// value, and in the editors.
func BenchmarkSixteenMegabytes(b *testing.B) {
	for shape, fields := range largeDocuments() {
		for name, keys := range map[string][]string{
			"tree": {"end"}, "value": {"end", "v"}, "field editor": {"end", "e"}, "document editor": {"E"},
		} {
			b.Run(shape+"/"+name, func(b *testing.B) {
				d := openLarge(b, fields)
				d.Press(keys...)
				up, down := uitest.Key("pgup"), uitest.Key("pgdown")
				b.ReportAllocs()
				for b.Loop() {
					d.Model.Update(up)
					d.Model.Update(down)
				}
			})
		}
		b.Run(shape+"/open the document editor", func(b *testing.B) {
			d := openLarge(b, fields)
			for b.Loop() {
				d.Press("E", "esc")
			}
		})
	}
}
