package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The test's own program is linked with licensecheck.
func TestRunListsLinkedModules(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	spdx, notices := filepath.Join(dir, "spdx.json"), filepath.Join(dir, "notices.txt")
	if err := run(release{"1.2.3", "c0ffee", "2026-11-28T00:00:00Z"}, spdx, notices, []string{program}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(spdx)
	if err != nil {
		t.Fatal(err)
	}
	var d spdxDocument
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(d.DocumentNamespace, "/dossier-1.2.3-c0ffee") {
		t.Errorf("namespace %s, expected one of the commit", d.DocumentNamespace)
	}
	licences := map[string]string{}
	for _, p := range d.Packages {
		licences[p.Name] = p.LicenseDeclared
	}
	for name, want := range map[string]string{
		"dossier": "Apache-2.0", "std": "BSD-3-Clause", "github.com/google/licensecheck": "BSD-3-Clause",
	} {
		if !strings.Contains(licences[name], want) {
			t.Errorf("%s: licence %q, expected %s", name, licences[name], want)
		}
	}
	if texts, err := os.ReadFile(notices); err != nil || !strings.Contains(string(texts), "The Go Authors") {
		t.Errorf("the licence texts: %v", err)
	}
}

func TestUnknownTextsAreNotIdentified(t *testing.T) {
	if ids := identify([]byte("All rights reserved.")); ids != nil {
		t.Errorf("identified as %v", ids)
	}
}
