package e2e_test

import (
	"regexp"
	"strings"
	"testing"
)

// A new field whose text starts like JSON or a number, but is neither, is refused with the place; it would silently
// become a string.
func TestSetRefusesHalfJSONInANewField(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for argument, want := range map[string]string{
		`prefs={"theme":"dark",}`:  "line 1, column 17: unexpected comma before the end of the object",
		`list=[1,2,]`:              "line 1, column 6: unexpected comma before the end of the array",
		`n=12345678901234567890`:   "12345678901234567890 does not fit a long",
		`n=1e400`:                  "1e400 does not fit a double",
		`quote="half`:              "missing closing quote",
		`street=12 Main Street`:    "street:string=TEXT",
		`zip=01234`:                "zip:string=TEXT",
		`born=2026-11-22`:          "born:date=TEXT",
		`mobile=+49 170 1234`:      "mobile:string=TEXT",
		`new.prefs={"theme":dark}`: "line 1, column 10",
	} {
		if r := h.run("", "set", argument); r.code != 2 || !strings.Contains(r.err, want) {
			t.Errorf("set %s: code %d, expected 2; expected %q in: %s", argument, r.code, want, r.err)
		}
	}
	if out := h.ok("whoami"); strings.Contains(out, "data.prefs") || strings.Contains(out, "data.zip") {
		t.Errorf("a refused field was written:\n%s", out)
	}
	h.ok("set", `prefs={"theme":"dark"}`, "n=4.8", "zip:string=01234", "text=plain {text}", "city=Vienna 12")
	if out := h.ok("set", "n=5", `prefs.theme={"not":json}`); !strings.Contains(out, "new n: 5.0\n") {
		t.Errorf("set n=5 over 4.8 prints:\n%s", out)
	}
}

// PATH:=JSON keeps the numeric types of the numbers it replaces; PATH:TYPE=TEXT changes them.
func TestSetKeepsNumericTypes(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	h.ok("set", "rating=4.8", `o={"n":1.5}`)
	if out := h.ok("set", "rating:=5", `o:={"n":2}`); !strings.Contains(out, "new rating: 5.0\n") ||
		!strings.Contains(out, "new o.n: 2.0\n") {
		t.Errorf("set prints:\n%s", out)
	}
	if out := h.ok("set", "rating:int=5"); !strings.Contains(out, "new rating: 5\n") {
		t.Errorf("set prints:\n%s", out)
	}
}

// warnings returns what a command printed on standard error beside the user whose data it changed.
func warnings(r result) string {
	return regexp.MustCompile(`(?m)^dossier: changed the custom data of .*\n`).ReplaceAllString(r.err, "")
}

// A misspelled name creates a field: a warning names the similar one, --strict refuses it, --create asks for it.
func TestSetWarnsOfASimilarField(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	const warning = "dossier: favoritColor is a new field; did you mean favoriteColor?\n"
	if r := h.run("", "set", "favoritColor=red"); r.code != 0 || warnings(r) != warning ||
		!strings.Contains(r.out, "new favoritColor: red") {
		t.Errorf("a similar name: %+v", r)
	}
	if r := h.run("", "set", "unlike=1"); r.code != 0 || warnings(r) != "" {
		t.Errorf("another name: %+v", r)
	}
	if r := h.run("", "set", "--create", "FavoriteColor=red"); r.code != 0 || warnings(r) != "" {
		t.Errorf("with --create: %+v", r)
	}
	strict := *h
	strict.env = append([]string{"DOSSIER_STRICT=true"}, h.env...)
	for _, run := range []func(...string) result{
		func(args ...string) result { return h.run("", append([]string{"set", "--strict"}, args...)...) },
		func(args ...string) result { return strict.run("", append([]string{"set"}, args...)...) },
	} {
		if r := run("favorite_colour=red"); r.code != 2 ||
			!strings.Contains(r.err, "the field favorite_colour does not exist; did you mean favoriteColor? Use --create "+
				"to create it") {
			t.Errorf("a similar name under --strict: %+v", r)
		}
		if r := run("totally.new=1"); r.code != 2 || strings.Contains(r.err, "did you mean") {
			t.Errorf("a new name under --strict: %+v", r)
		}
		if r := run("favoriteColor=red"); r.code != 0 || warnings(r) != "" {
			t.Errorf("an existing name under --strict: %+v", r)
		}
	}
	if r := strict.run("", "set", "--create", "favoriteColors=red"); r.code != 0 || warnings(r) != "" {
		t.Errorf("--strict --create: %+v", r)
	}
	if r := h.run("", "unset", "favoriteColr"); r.code != 2 || !strings.Contains(r.err, "did you mean favoriteColor?") {
		t.Errorf("unset: %+v", r)
	}
}

// Two assignments to one field, or to a field and one inside it, are refused: one of them would be lost.
func TestSetRefusesTwoAssignmentsToOneField(t *testing.T) {
	t.Parallel()
	h := newUsedHome(t)
	for _, args := range [][]string{{"a=1", "a=2"}, {"a=1", `a:={"b":1}`}, {"a.b=1", "a=2"}, {`a={"b":1}`, "a.b=2"}} {
		r := h.run("", append([]string{"set"}, args...)...)
		if r.code != 2 || !strings.Contains(r.err, "is already set by") && !strings.Contains(r.err, "contain each other") {
			t.Errorf("set %q: %+v", args, r)
		}
	}
	h.ok("set", "a.b=1", "a.c=2")
}
