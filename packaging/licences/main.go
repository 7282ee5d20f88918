// Command licences lists the licences of the modules that are linked into Go programs: as an SPDX 2.3 document in JSON
// and, for the archives, as the texts themselves.
//
// May import: nothing of ours.
package main

import (
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	version := flag.String("version", "", "version of the release")
	commit := flag.String("commit", "", "commit that the release is built from")
	created := flag.String("created", "", "date of the release, RFC 3339")
	spdx := flag.String("spdx", "", "file for the SPDX document")
	notices := flag.String("notices", "", "file for the licence texts")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: licences -version V -commit C -created DATE -spdx FILE -notices FILE PROGRAM…")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(release{*version, *commit, *created}, *spdx, *notices, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

// release is what the document says about the release itself.
type release struct{ version, commit, created string }

func run(r release, spdx, notices string, programs []string) error {
	if r.version == "" || r.commit == "" || r.created == "" || spdx == "" || notices == "" || len(programs) == 0 {
		return errors.New("expected -version, -commit, -created, -spdx, -notices and at least one program")
	}
	modules, err := linkedModules(programs)
	if err != nil {
		return err
	}
	for i := range modules {
		if err := modules[i].readLicences(); err != nil {
			return err
		}
	}
	if err := os.WriteFile(notices, []byte(noticesOf(modules)), 0o644); err != nil {
		return err
	}
	document, err := documentOf(r, modules)
	if err != nil {
		return err
	}
	return os.WriteFile(spdx, document, 0o644)
}

// linkedModules returns the modules that any of the programs contains, sorted by path, and the standard library.
func linkedModules(programs []string) ([]module, error) {
	found := map[string]module{}
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, fmt.Errorf("read the modules of %s: %w", program, err)
		}
		goVersion := strings.TrimPrefix(info.GoVersion, "go")
		found["std"] = module{Path: "std", Version: goVersion}
		for _, d := range info.Deps {
			if d.Replace != nil {
				d = d.Replace
			}
			found[d.Path] = module{Path: d.Path, Version: d.Version}
		}
	}
	var modules []module
	for _, m := range found {
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return modules, nil
}

// noticesOf returns the licence texts of the modules, which archives of the program must include.
func noticesOf(modules []module) string {
	var b strings.Builder
	b.WriteString("dossier contains the following modules under their own licences.\n")
	for _, m := range modules {
		for _, l := range m.licences {
			fmt.Fprintf(&b, "\n%s\n%s %s: %s\n\n%s\n", strings.Repeat("=", 80), m.Path, m.Version, l.name,
				strings.TrimSpace(l.text))
		}
	}
	return b.String()
}
