package auth

import (
	"context"
	"net/http"
	"testing"

	"dossier/backend/api"
)

// A password that was verified before a reset opens no session after it.
func TestResetDuringSignIn(t *testing.T) {
	f := start(t)
	if err := f.Register(t.Context(), "ada@example.com", NewSecret("correct horse"), ""); err != nil {
		t.Fatal(err)
	}
	if err := f.SendResetPasswordEmail(t.Context(), "ada@example.com", ""); err != nil {
		t.Fatal(err)
	}
	f.beforeCreate = func(ctx context.Context) error {
		return f.ResetPassword(ctx, f.mailedToken(), NewSecret("a new horse"))
	}
	_, err := f.signIn("ada@example.com", "correct horse")
	refused(t, "the replaced password", err, http.StatusUnauthorized, "")
	f.beforeCreate = nil
	if _, err := f.signIn("ada@example.com", "a new horse"); err != nil {
		t.Error(err)
	}
}

// After an interrupted reset the old password is invalid, and a second reset succeeds.
func TestInterruptedReset(t *testing.T) {
	f := start(t)
	id, err := f.CreateUser(t.Context(), "ada@example.com", NewSecret("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	i, err := f.directory.Identity(t.Context(), api.EmailPassword, "ada@example.com")
	if err != nil || i == nil {
		t.Fatal(i, err)
	}
	if _, err := f.directory.IncrementVersion(t.Context(), *i); err != nil {
		t.Fatal(err)
	}
	if _, err := f.signIn("ada@example.com", "correct horse"); err == nil {
		t.Error("the old password is still valid")
	}
	if again, err := f.directory.IncrementVersion(t.Context(), *i); err != nil || again != nil {
		t.Errorf("one version was incremented twice: %+v, %v", again, err)
	}
	if err := f.SendResetPasswordEmail(t.Context(), "ada@example.com", ""); err != nil {
		t.Fatal(err)
	}
	if err := f.ResetPassword(t.Context(), f.mailedToken(), NewSecret("a new horse")); err != nil {
		t.Fatal(err)
	}
	if err := f.storePassword(t.Context(), *i, "a late hash"); err != nil {
		t.Fatal(err)
	}
	if g, err := f.signIn("ada@example.com", "a new horse"); err != nil || g.UserID != id {
		t.Errorf("signed in as %q, %v", g.UserID, err)
	}
}

func TestOneTimeTokenLink(t *testing.T) {
	token := OneTimeToken{ID: "5ed10d5dc085000e2c0099f2", Token: NewSecret("00ff")}
	for page, want := range map[string]string{
		"https://example.com/reset":         "https://example.com/reset?token=00ff&tokenId=5ed10d5dc085000e2c0099f2",
		"https://example.com/?a=b":          "https://example.com/?a=b&token=00ff&tokenId=5ed10d5dc085000e2c0099f2",
		"https://example.com/#/reset":       "https://example.com/?token=00ff&tokenId=5ed10d5dc085000e2c0099f2#/reset",
		"myapp://reset":                     "myapp://reset?token=00ff&tokenId=5ed10d5dc085000e2c0099f2",
		"https://example.com/?a=b#there?is": "https://example.com/?a=b&token=00ff&tokenId=5ed10d5dc085000e2c0099f2#there?is",
	} {
		if got := token.link(page).Reveal(); got != want {
			t.Errorf("%s: %s", page, got)
		}
	}
}

func TestLocalAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": true, "127.8.8.8": true, "::/64": true, "local": true, "": true, "@": true,
		"10.0.0.1": false, "203.0.113.7": false, "2001:db8::/64": false, "fe80::/64": false,
	} {
		if got := isLocal(address); got != want {
			t.Errorf("%q is local: %v", address, got)
		}
	}
}
