package accounts

import (
	"errors"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// Keyring stores secrets outside of files. Get returns ErrSecretNotFound if it does not have the secret.
type Keyring interface {
	Set(name, secret string) error
	Get(name string) (string, error)
	Delete(name string) error
}

// ErrSecretNotFound reports that a keyring works but does not have the secret.
var ErrSecretNotFound = errors.New("the keyring does not have the secret")

// keyringService is the service name of dossier's secrets in the desktop's keyring.
const keyringService = "dossier"

// OSKeyring is the desktop's keyring.
type OSKeyring struct{}

// Set stores a secret.
func (OSKeyring) Set(name, secret string) error { return keyring.Set(keyringService, name, secret) }

// Get returns a secret.
func (OSKeyring) Get(name string) (string, error) {
	secret, err := keyring.Get(keyringService, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrSecretNotFound
	}
	return secret, err
}

// Delete deletes a secret. A missing secret is not an error.
func (OSKeyring) Delete(name string) error {
	if err := keyring.Delete(keyringService, name); !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	return nil
}

// keyringTimeout limits one call of the keyring: a keyring that waits for the user to unlock it must not block the
// program.
const keyringTimeout = 1500 * time.Millisecond

// errUnresponsive reports that the keyring did not respond in time. It is not called again.
var errUnresponsive = errors.New("the keyring does not respond")

// timedKeyring calls a keyring with a timeout, and never again after a timeout.
type timedKeyring struct {
	ring Keyring

	mu           sync.Mutex
	unresponsive bool
}

func (v *timedKeyring) set(name, secret string) error {
	_, err := v.call(func() (string, error) { return "", v.ring.Set(name, secret) })
	return err
}

func (v *timedKeyring) get(name string) (string, error) {
	return v.call(func() (string, error) { return v.ring.Get(name) })
}

func (v *timedKeyring) delete(name string) error {
	_, err := v.call(func() (string, error) { return "", v.ring.Delete(name) })
	return err
}

func (v *timedKeyring) call(f func() (string, error)) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ring == nil || v.unresponsive {
		return "", errUnresponsive
	}
	type result struct {
		secret string
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := f()
		done <- result{secret, err}
	}()
	timer := time.NewTimer(keyringTimeout)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.secret, r.err
	case <-timer.C:
		v.unresponsive = true
		return "", errUnresponsive
	}
}
