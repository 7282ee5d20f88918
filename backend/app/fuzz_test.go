package app

import (
	"io/fs"
	"os"
	"slices"
	"testing"
	"testing/fstest"
)

// Any content of one file yields an application or an error, never a panic; Examine agrees with Read.
func FuzzRead(f *testing.F) {
	files := fstest.MapFS{}
	for _, dir := range []string{"testdata/export", "testdata/older"} {
		root := os.DirFS(dir)
		err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(root, name)
			files[name] = &fstest.MapFile{Data: text}
			return err
		})
		if err != nil {
			f.Fatal(err)
		}
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		f.Add(uint8(i), string(files[name].Data))
	}
	for i, text := range []string{`{"a":{"b":[{"c":null}]}}`,
		`[{"name":"x","can_evaluate":{"%%true":{"%function":{"name":3}}}}]`, `{"config":3,"type":"DATABASE"}`,
		`{"roles":[3,{"apply_when":{"%or":[]}}]}`} {
		f.Add(uint8(i*9), text)
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		changed := fstest.MapFS{}
		for name, file := range files {
			changed[name] = file
		}
		changed[names[int(which)%len(names)]] = &fstest.MapFile{Data: []byte(text)}
		a, err := Read(changed, Options{Secret: exportSecrets})
		if (a == nil) == (err == nil) {
			t.Fatalf("%v %v", a, err)
		}
		b, findings := Examine(changed, Options{Secret: exportSecrets})
		if (a == nil) != (b == nil) {
			t.Errorf("Read returns %v; the findings are %v", err, locations(findings, Invalid))
		}
		for _, f := range findings {
			if f.File == "" || f.Text == "" {
				t.Errorf("a finding without a file or a text: %+v", f)
			}
		}
	})
}
