package themes_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"dossier/themes"
)

func TestBuiltinStartsWithTheDefault(t *testing.T) {
	all := themes.Builtin()
	if len(all) < 6 || all[0].Name != themes.DefaultName {
		t.Fatalf("%d themes, the first is %q", len(all), all[0].Name)
	}
	for i, th := range all {
		if th.About == "" {
			t.Errorf("%s: about is missing", th.Name)
		}
		if i > 1 && all[i-1].Name >= th.Name {
			t.Errorf("%s comes after %s", th.Name, all[i-1].Name)
		}
	}
}

func TestAPartialThemeInheritsTheDefault(t *testing.T) {
	all, err := themes.Load(fstest.MapFS{
		"mine.toml":   {Data: []byte("about = \"plums\"\n[dark]\naccent = \"#c792ea\"\n")},
		"readme.md":   {Data: []byte("not a theme")},
		"sub/no.toml": {Data: []byte("nor this")},
	})
	if err != nil || len(all) != 1 {
		t.Fatalf("%d themes, error %v", len(all), err)
	}
	want := themes.Default()
	want.Name, want.About, want.Dark.Accent = "mine", "plums", "#c792ea"
	if all[0] != want {
		t.Errorf("read %+v\nwant %+v", all[0], want)
	}
}

func TestFaultsNameFileLineAndKey(t *testing.T) {
	for text, want := range map[string]string{
		"[dark]\naccent = \"#c792ea\"\nacent = \"#c792ea\"\n": "bad.toml:3: unknown key dark.acent",
		"[dusk]\n":                                      "bad.toml:1: unknown key dusk",
		"\n[light]\ntext = \"tomato\"\n":                `bad.toml:3: light.text: expected a colour #rrggbb, got "tomato"`,
		"[light]\ntext = \"#12345\"\n":                  `bad.toml:2: light.text: expected a colour #rrggbb, got "#12345"`,
		"[light]\ntext = 7\n":                           "bad.toml:2: light.text: ",
		"dark = { text = \"#000000\", bad = \"no\" }\n": `bad.toml:1: dark.bad: expected a colour #rrggbb, got "no"`,
		"light.string = \"\"\n":                         `bad.toml:1: light.string: expected a colour #rrggbb, got ""`,
		"[light\n":                                      "bad.toml:1: ",
		"[dark]\ntext = \"#000000\ngood = \"x\"\n":      "bad.toml:2: ",
	} {
		all, err := themes.Load(fstest.MapFS{"bad.toml": {Data: []byte(text)}, "good.toml": {}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
		if len(all) != 1 || all[0].Name != "good" {
			t.Errorf("%q: a fault in one theme affects the others: %d read", text, len(all))
		}
	}
}

func TestEveryUnknownKeyIsNamed(t *testing.T) {
	_, err := themes.Load(fstest.MapFS{"bad.toml": {Data: []byte("[dark]\nink = \"#000000\"\n[light]\npaper = " +
		"\"#ffffff\"\n")}})
	if err == nil || !strings.Contains(err.Error(), "bad.toml:2: unknown key dark.ink") || !strings.Contains(err.Error(),
		"bad.toml:4: unknown key light.paper") {
		t.Errorf("error %v", err)
	}
}

func TestAMissingDirectoryHoldsNoThemes(t *testing.T) {
	all, err := themes.Load(os.DirFS(filepath.Join(t.TempDir(), "none")))
	if err != nil || len(all) != 0 {
		t.Errorf("%d themes, error %v", len(all), err)
	}
}

func TestUserThemesReplaceThoseOfTheSameName(t *testing.T) {
	own, other := themes.Default(), themes.Default()
	own.About, other.Name = "mine", "aardvark"
	all := themes.Merge(themes.Builtin(), []themes.Theme{other, own})
	if len(all) != len(themes.Builtin())+1 || all[0].About != "mine" || all[1].Name != "aardvark" {
		t.Errorf("%d themes, first %q, second %q", len(all), all[0].About, all[1].Name)
	}
	if _, found := themes.Find(all, "nothing"); found {
		t.Error("found a theme that does not exist")
	}
}
