package ui_test

import (
	"image"
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
		line := lineWith(t, d, "~ favoriteColor")
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
