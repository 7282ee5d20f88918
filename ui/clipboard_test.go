package ui_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/ui/uitest"
)

// TestNamesThatLookLikeKeys: braces in data do not become keys.
func TestNamesThatLookLikeKeys(t *testing.T) {
	backend, user := uitest.Demo()
	user.ChangeField("{document", bson.D{{Key: "edit}", Value: "x"}})
	d := start(t, backend, wide)
	d.Press("r", "end", "right", "down", "Y").See("sent to the terminal: the path {document.edit}")
	d.Press("A", "a").Type("{document.edit}").Press("enter", "esc", "d", "d").See(`Delete the API key "{document.edit}"?`)
}

// TestANoticeSaysWhereACopyWent: only a clipboard that took the text makes it copied.
func TestANoticeSaysWhereACopyWent(t *testing.T) {
	backend, _ := uitest.Demo()
	d := start(t, backend, wide)
	d.Press("end", "Y").See("sent to the terminal: the path bio").DontSee("copied")

	var taken string
	var answer error
	backend, _ = uitest.Demo()
	clipboard := func(_ context.Context, text string) error { taken = text; return answer }
	d = start(t, backend, uitest.Options{Size: wide.Size, Clipboard: clipboard})
	d.Press("end", "Y").See("copied the path bio").DontSee("sent to the terminal")
	if taken != "bio" || len(d.Copied) != 0 {
		t.Errorf("the clipboard has %q, the terminal got %q", taken, d.Copied)
	}
	d.Wait(10 * time.Second)
	answer = errors.New("cannot open display")
	d.Press("Y").See("sent to the terminal: the path bio").DontSee("copied")
	if len(d.Copied) != 1 || d.Copied[0] != "bio" {
		t.Errorf("the terminal got %q", d.Copied)
	}
}
