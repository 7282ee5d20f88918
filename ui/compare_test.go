package ui_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"dossier/ui/uitest"
)

// The two sides of a difference stand beside each other where there is space, otherwise below each other; enter goes to
// the field, also to one that only the database has.
func TestCompareGoesToAField(t *testing.T) {
	for _, size := range []image.Point{{60, 20}, {80, 24}, {140, 44}, {200, 60}} {
		backend, user := uitest.Demo()
		d := start(t, backend, uitest.Options{Size: size})
		user.ChangeField("favoriteColor", "purple")
		user.ChangeField("address.city", "Graz")
		user.ChangeField("seats", int32(8))
		d.Wait(2*time.Second).Press("c").See("3 differ", "favoriteColor", "address.city", "(absent)")
		line := lineWith(t, d, "≠ favoriteColor")
		if beside := strings.Contains(line, "pink ") && strings.Contains(line, "purple"); beside != (size.X >= 80) {
			t.Errorf("%v: beside each other: %v\n%s", size, beside, d.Frame())
		}
		if size.X < 80 {
			d.See("token     pink", "database  purple")
		}
		fits(t, d, size)
		d.Press("down", "enter").DontSee("3 differ").See("─ address › city ─", "the database holds Graz")
		d.Press("c", "end", "enter").See("─ seats ─", "only in the database")
		d.Press("m", "c").DontSee("pink", "purple", "Graz", "London").Press("esc")
	}
}

// Another process changes fields while the comparison is open: the cursor stays on its field.
func TestTheCursorOfTheComparisonStaysOnItsField(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: image.Pt(120, 40)})
	user.ChangeField("language", "de")
	user.ChangeField("newsletter", false)
	user.ChangeField("rating", 5.0)
	d.Wait(2*time.Second).Press("c", "down").See("3 differ")
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2 * time.Second).See("4 differ").Press("enter").See("─ newsletter ─")
	d.Press("c", "down", "down")
	user.ChangeField("newsletter", true)
	d.Wait(2 * time.Second).See("3 differ").Press("enter").See("─ rating ─")
}

// The dialog is as wide as the values need, has the marks of the document, and repeats no row that shows all.
func TestCompareIsAsLargeAsItsFields(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: image.Pt(160, 44)})
	user.ChangeField("favoriteColor", "purple")
	d.Wait(2*time.Second).Press("c").See("r refreshes: the token gets the values of the database",
		"enter show in custom data")
	d.DontSee("(string)", "favoriteColor, changed")
	if top := lineWith(t, d, "─ compare ─"); strings.Index(top, "╭─ compare") < 30 {
		t.Errorf("the dialog is too wide: %q", top)
	}
	for _, line := range []string{"≠ favoriteColor", "│ issued 12:00:00"} {
		want := runeIndex(lineWith(t, d, "┼"), "┼")
		if got := runeIndex(lineWith(t, d, line), "│"); !slices.Contains(got, want[0]) || !slices.Contains(got, want[1]) {
			t.Errorf("lines at %v, crossed by the rule at %v\n%s", got, want, d.Frame())
		}
	}
	user.ChangeField("favoriteColor", strings.Repeat("purple ", 30)+"end")
	d.Wait(2*time.Second).See("favoriteColor, changed", "end  (string)").Press("esc")
}

// runeIndex returns the positions of a character in a line.
func runeIndex(line, of string) (found []int) {
	for i, r := range []rune(line) {
		if string(r) == of {
			found = append(found, i)
		}
	}
	return found
}
