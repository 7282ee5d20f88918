package ui_test

import (
	"regexp"
	"testing"

	"dossier/ui/keys"
	"dossier/ui/uitest"
)

// rebound is the key table with other keys for some actions, and none for the accounts.
func rebound(t *testing.T) keys.Map {
	t.Helper()
	m, err := keys.Default().Rebind([]keys.Setting{
		{Name: "document.edit", Keys: []string{"f2"}}, {Name: "document.add", Keys: []string{"f3"}},
		{Name: "document.review-draft", Keys: []string{"f4"}}, {Name: "everywhere.compare", Keys: []string{"f5"}},
		{Name: "everywhere.refresh", Keys: []string{"f6"}}, {Name: "everywhere.mask", Keys: []string{"f7"}},
		{Name: "everywhere.accounts"}, {Name: "everywhere.suspend", Keys: []string{"alt+z"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Other keys work, and footer, help, palette, notices and sentences name them.
func TestReboundKeysAreShownEverywhere(t *testing.T) {
	backend, user := uitest.Demo()
	d := start(t, backend, uitest.Options{Size: wide.Size, Keys: rebound(t), Tips: []string{}})
	d.See("f2 edit", "f3 add", "arrows move, f2 edits").DontSee("e edit", "s accounts")
	user.ChangeField("favoriteColor", "amber")
	d.Press("r", "e").Wait(3*1e9).See("f5 compares", "this token; f6").DontSee(" c compares")
	d.Press("f7", "f7", "y", "?").See("f2 ", "f3 ", "no key").Press("esc")
	d.Press("ctrl+k").Type("accounts").See("accounts").Press("enter").See("sign in").Press("esc")
	d.Press("f2").Press("esc").Press("f5").See("compare").Press("esc")
	for _, line := range regexp.MustCompile(`.*\b(c compares|ctrl\+s reviews|r renews|m masks).*`).FindAllString(d.Frame(),
		-1) {
		t.Errorf("a default key is named: %s", line)
	}
}
