package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// minCoverage is the percentage of a licence file that known licence texts must cover.
const minCoverage = 75

// module is one linked module.
type module struct {
	Path, Version string
	licences      []licence
}

// licence is one licence or notice file of a module.
type licence struct {
	name string // path of the file below the module's directory
	text string
	ids  []string // SPDX identifiers; none for a notice

	extracted bool // the identifier stands for the text, which SPDX does not list
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([._-].*)?$`)
	noticeFile  = regexp.MustCompile(`(?i)^notice([._-].*)?$`)
)

// readLicences reads the module's licence and notice files. A module without any is an error.
func (m *module) readLicences() error {
	dir, err := m.dir()
	if err != nil {
		return err
	}
	files, err := m.files(dir)
	for _, file := range files {
		var l licence
		if l, err = m.readLicence(dir, file); err != nil {
			break
		}
		m.licences = append(m.licences, l)
	}
	if err == nil && m.expression() == "" {
		err = fmt.Errorf("no licence file in %s", dir)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", m.Path, m.Version, err)
	}
	return nil
}

// files returns the paths of the licence and notice files below the module's directory; of the standard library only
// Go's own licence.
func (m *module) files(dir string) (files []string, err error) {
	if m.Path == "std" {
		return []string{filepath.Join(dir, "LICENSE")}, nil
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && e.Name() == "testdata":
			return fs.SkipDir
		case e.IsDir() || filepath.Ext(path) == ".go":
		case licenceFile.MatchString(e.Name()), noticeFile.MatchString(e.Name()):
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// readLicence reads one licence or notice file. A text that licensecheck does not recognize, in a subdirectory, gets an
// identifier of this document; at the top it is an error.
func (m *module) readLicence(dir, file string) (licence, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return licence{}, err
	}
	name, err := filepath.Rel(dir, file)
	l := licence{name: filepath.ToSlash(name), text: string(text)}
	if err != nil || !licenceFile.MatchString(filepath.Base(file)) {
		return l, err
	}
	if l.ids = identify(text); len(l.ids) == 0 {
		if filepath.Dir(name) == "." {
			return l, fmt.Errorf("unknown licence text in %s", file)
		}
		l.extracted = true
		l.ids = []string{"LicenseRef-" + idOf(m.Path+"/"+l.name)}
	}
	return l, nil
}

// dir returns the module's directory in the module cache; GOROOT for the standard library.
func (m *module) dir() (string, error) {
	if m.Path == "std" {
		out, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			return "", fmt.Errorf("find GOROOT: %w", err)
		}
		return strings.TrimSpace(string(out)), nil
	}
	out, err := exec.Command("go", "mod", "download", "-json", m.Path+"@"+m.Version).Output()
	if err != nil {
		return "", fmt.Errorf("download %s@%s: %w: %s", m.Path, m.Version, err, out)
	}
	var downloaded struct{ Dir string }
	if err := json.Unmarshal(out, &downloaded); err != nil {
		return "", fmt.Errorf("download %s@%s: %w", m.Path, m.Version, err)
	}
	return downloaded.Dir, nil
}

// identify returns the SPDX identifiers of the licences in a text, sorted; none when too little of it is known.
func identify(text []byte) []string {
	coverage := licensecheck.Scan(text)
	if coverage.Percent < minCoverage {
		return nil
	}
	var ids []string
	for _, match := range coverage.Match {
		if !match.IsURL {
			ids = append(ids, match.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// expression returns the SPDX expression of all the module's licences.
func (m *module) expression() string {
	var ids []string
	for _, l := range m.licences {
		ids = append(ids, l.ids...)
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " AND ")
}
