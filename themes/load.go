package themes

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

//go:embed *.toml
var builtin embed.FS

// Default returns the default theme, which supplies the colours that other themes leave out.
func Default() Theme {
	t, err := read(builtin, DefaultName+".toml", Theme{})
	if err != nil {
		panic(err) // the file is embedded
	}
	return t
}

// Builtin returns the embedded themes, the default first, the others by name.
func Builtin() []Theme {
	all, err := Load(builtin)
	if err != nil {
		panic(err)
	}
	return Merge(nil, all)
}

// Merge adds custom themes to base; one of the same name is replaced. The default is first, the rest by name.
func Merge(base, custom []Theme) []Theme {
	all := slices.Clone(custom)
	for _, t := range base {
		if _, replaced := Find(custom, t.Name); !replaced {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b Theme) int {
		if (a.Name == DefaultName) != (b.Name == DefaultName) {
			if a.Name == DefaultName {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// Find returns the theme of a name.
func Find(all []Theme, name string) (Theme, bool) {
	i := slices.IndexFunc(all, func(t Theme) bool { return t.Name == name })
	if i < 0 {
		return Theme{}, false
	}
	return all[i], true
}

// Load reads every .toml file of a directory; the file name is the theme's name. It returns the valid themes,
// and an error with file, line and key of every fault in the others. A missing directory holds no themes.
func Load(dir fs.FS) ([]Theme, error) {
	entries, err := fs.ReadDir(dir, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the theme directory: %w", err)
	}
	var all []Theme
	var faults []error
	base := Default()
	base.About = ""
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".toml" {
			continue
		}
		t, err := read(dir, e.Name(), base)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		all = append(all, t)
	}
	return all, errors.Join(faults...)
}

// read decodes one file over the theme it inherits from.
func read(dir fs.FS, file string, base Theme) (Theme, error) {
	text, err := fs.ReadFile(dir, file)
	if err != nil {
		return Theme{}, fmt.Errorf("read a theme: %w", err)
	}
	base.Name = strings.TrimSuffix(file, ".toml")
	dec := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := dec.Decode(&base); err != nil {
		return Theme{}, withPosition(file, err)
	}
	if faults := invalidColors(text); len(faults) > 0 {
		for i, f := range faults {
			faults[i] = fmt.Errorf("%s:%w", file, f)
		}
		return Theme{}, errors.Join(faults...)
	}
	return base, nil
}

// withPosition adds file, line and key to the faults of the decoder.
func withPosition(file string, err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) {
		var faults []error
		for _, e := range unknown.Errors {
			line, _ := e.Position()
			faults = append(faults, fmt.Errorf("%s:%d: unknown key %s", file, line, strings.Join(e.Key(), ".")))
		}
		return errors.Join(faults...)
	}
	var invalid *toml.DecodeError
	if errors.As(err, &invalid) {
		line, _ := invalid.Position()
		what := strings.TrimPrefix(invalid.Error(), "toml: ")
		if key := strings.Join(invalid.Key(), "."); key != "" {
			what = key + ": " + what
		}
		return fmt.Errorf("%s:%d: %s", file, line, what)
	}
	return fmt.Errorf("%s: %w", file, err)
}
