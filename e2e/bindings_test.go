package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The keys of the configuration file are those of the screen; commands without one do not read them.
func TestKeyBindingsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	config := filepath.Join(h.dir, "config", "dossier")
	if err := os.MkdirAll(config, 0o700); err != nil {
		t.Fatal(err)
	}
	h.write(config, "config.toml", "[keys]\n\"document.edit\" = [\"f2\"]\neverywhere.quit = []\n")
	lines := strings.Split(h.ok("bindings"), "\n")
	if first := strings.Fields(lines[0]); !slices.Equal(first, []string{"document.review-draft", "ctrl+s", "review",
		"and", "save"}) {
		t.Errorf("the first line: %q", first)
	}
	var bindings []struct {
		Name string   `json:"name"`
		Keys []string `json:"keys"`
	}
	if err := json.Unmarshal([]byte(h.ok("bindings", "--json")), &bindings); err != nil {
		t.Fatal(err)
	}
	bound := map[string][]string{}
	for _, b := range bindings {
		bound[b.Name] = b.Keys
	}
	if !slices.Equal(bound["document.edit"], []string{"f2"}) || bound["everywhere.quit"] == nil ||
		len(bound["everywhere.quit"]) != 0 || !slices.Equal(bound["document.add"], []string{"a"}) {
		t.Errorf("%v", bound)
	}
	h.write(config, "config.toml", "[keys]\n\"document.edit\" = [\"a\"]\n")
	if r := h.run("", "whoami"); r.code != 0 {
		t.Errorf("whoami with a wrong key binding: %+v", r)
	}
}

// An error with --json is an object on standard error; the exit code is the same.
func TestErrorsAsJSON(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for _, args := range [][]string{{"unset", "nothere"}, {"set", `a:={"x":`}, {"logout", "other@example.com"}} {
		text, object := h.run("", args...), h.run("", append(args, "--json")...)
		var failure struct {
			Error struct {
				Message  string `json:"message"`
				Kind     string `json:"kind"`
				ExitCode int    `json:"exit_code"`
			} `json:"error"`
		}
		if err := json.Unmarshal([]byte(object.err), &failure); err != nil || object.out != "" {
			t.Errorf("%q: %v: %+v", args, err, object)
		}
		if e := failure.Error; text.err != "dossier: "+e.Message+"\n" || e.ExitCode != text.code ||
			object.code != text.code ||
			e.Kind == "" {
			t.Errorf("%q: %+v, as text %+v", args, object, text)
		}
	}
}
