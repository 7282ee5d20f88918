package conventions_test

import (
	"io/fs"
	"os"
	"testing"
)

// TestNoFileIsEmpty: a file without content was lost, or is not needed.
func TestNoFileIsEmpty(t *testing.T) {
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if file != "." && (skipped(d.Name()) && d.Name() != ".ci") {
				return fs.SkipDir
			}
			return nil
		}
		if info, err := d.Info(); err != nil || info.Mode().IsRegular() && info.Size() == 0 {
			t.Errorf("%s is empty (%v)", file, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
