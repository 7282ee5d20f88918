package auth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"dossier/backend/api"
)

func TestPasswordHash(t *testing.T) {
	h, err := newHasher(rand.Reader, HashCost{}, 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := h.hash(t.Context(), NewSecret("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", stored)
	}
	again, err := h.hash(t.Context(), NewSecret("correct horse"))
	if err != nil || again == stored {
		t.Errorf("two hashes of one password share their salt: %v", err)
	}
	for password, want := range map[string]bool{"correct horse": true, "correct hors": false, "": false} {
		ok, outdated, err := h.verify(t.Context(), stored, NewSecret(password))
		if err != nil || ok != want || outdated {
			t.Errorf("verify(%q) = %v, %v, %v", password, ok, outdated, err)
		}
	}
	weak := strings.Replace(stored, "t=2", "t=1", 1)
	if _, outdated, err := h.verify(t.Context(), weak, NewSecret("x")); err != nil || !outdated {
		t.Errorf("other parameters: outdated %v, %v", outdated, err)
	}
	cheap, err := newHasher(rand.Reader, TestCost(), 1, 4)
	if err != nil {
		t.Fatal(err)
	}
	if ok, outdated, err := cheap.verify(t.Context(), stored, NewSecret("correct horse")); err != nil || !ok || !outdated {
		t.Errorf("another cost than the hasher's: %v, outdated %v, %v", ok, outdated, err)
	}
	if ok, _, err := h.verify(t.Context(), "", NewSecret("anything")); ok || err != nil {
		t.Errorf("a password of an unknown user was accepted: %v %v", ok, err)
	}
}

func TestStoredHashLimits(t *testing.T) {
	const salt, tag = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for text, want := range map[string]bool{
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + tag:                           true,
		"$argon2id$v=19$m=262144,t=10,p=16$" + salt + "$" + tag:                        true,
		"$argon2id$v=19$m=262145,t=2,p=1$" + salt + "$" + tag:                          false,
		"$argon2id$v=19$m=19456,t=11,p=1$" + salt + "$" + tag:                          false,
		"$argon2id$v=19$m=19456,t=2,p=17$" + salt + "$" + tag:                          false,
		"$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + tag:                           false,
		"$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + tag:                            false,
		"$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + tag:                           false,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$":                                 false,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + strings.Repeat("AAAA", 1<<10): false,
		"plain": false,
	} {
		if _, err := parseHash(text); (err == nil) != want {
			t.Errorf("parseHash(%s) = %v", text, err)
		}
	}
}

// One hash per core runs, a bounded number of calls waits, and further calls fail.
func TestHashQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, err := newHasher(rand.Reader, HashCost{}, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		release, err := h.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		waiting := make(chan error, 1)
		go func() {
			_, err := h.acquire(ctx)
			waiting <- err
		}()
		synctest.Wait()
		if len(waiting) > 0 {
			t.Fatalf("the second did not wait: %v", <-waiting)
		}
		_, err = h.hash(t.Context(), NewSecret("third one"))
		var busy *api.Error
		if !errors.As(err, &busy) || busy.Status != 503 || busy.RetryAfter <= 0 {
			t.Errorf("the third got %v", err)
		}
		cancel()
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("the second got %v", err)
		}
		release()
		if release, err = h.acquire(t.Context()); err != nil {
			t.Errorf("the slot was not released: %v", err)
		} else {
			release()
		}
	})
}

func TestPasswordLimits(t *testing.T) {
	for password, want := range map[string]string{
		"12345":                  "between 6 and 128",
		"123456":                 "",
		"ééé":                    "between 6 and 128",
		strings.Repeat("é", 128): "",
		strings.Repeat("x", 129): "between 6 and 128",
		"secret\x00":             "NUL",
		"sec\x00ret":             "NUL",
	} {
		err := checkPasswordFormat(NewSecret(password))
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestSecretsPrintAsDots(t *testing.T) {
	const text = "hunter2-hunter2"
	s := NewSecret(text)
	inside := struct {
		Public Secret
		hidden Secret
	}{s, s}
	encoded, err := json.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "grant", Tokens{Access: s, Refresh: s})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "grant", Tokens{Access: s, Refresh: s})
	shown := []string{string(encoded), log.String(), s.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T%v"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, inside), fmt.Sprintf(verb, &inside),
			fmt.Sprintf(verb, signingKey{secret: s}))
	}
	for _, out := range shown {
		if strings.Contains(out, "hunter2") || strings.Contains(out, fmt.Sprintf("%x", text)) {
			t.Errorf("a secret shows: %s", out)
		}
	}
	if !strings.Contains(shown[0], dots) {
		t.Errorf("no dots in %s", shown[0])
	}
}
