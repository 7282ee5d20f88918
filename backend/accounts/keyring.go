package accounts

import (
	"errors"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// Keyring keeps secrets outside of files. Get returns ErrNoSecret for one it does not hold.
type Keyring interface {
	Set(name, secret string) error
	Get(name string) (string, error)
	Delete(name string) error
}

// ErrSecretNotFound says that a keyring works and does not hold the secret.
var ErrSecretNotFound = errors.New("the keyring does not hold it")

// keyringService is the name under which the desktop shows dossier's secrets.
const keyringService = "dossier"

// OSKeyring is the desktop's keyring.
type OSKeyring struct{}

// Set keeps a secret.
func (OSKeyring) Set(name, secret string) error { return keyring.Set(keyringService, name, secret) }

// Get returns a secret.
func (OSKeyring) Get(name string) (string, error) {
	secret, err := keyring.Get(keyringService, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrSecretNotFound
	}
	return secret, err
}

// Delete forgets a secret; one it does not hold is fine.
func (OSKeyring) Delete(name string) error {
	if err := keyring.Delete(keyringService, name); !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	return nil
}

// keyringTimeout is how long a keyring may take: one that waits for somebody to unlock it must not hold up anything.
const keyringTimeout = 1500 * time.Millisecond

// errUnresponsive says that the keyring did not answer in time; it is not asked again.
var errUnresponsive = errors.New("the keyring does not answer")

// timedKeyring asks a keyring, but never waits long and never asks a deaf one twice.
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
	type answer struct {
		secret string
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		secret, err := f()
		done <- answer{secret, err}
	}()
	timer := time.NewTimer(keyringTimeout)
	defer timer.Stop()
	select {
	case a := <-done:
		return a.secret, a.err
	case <-timer.C:
		v.unresponsive = true
		return "", errUnresponsive
	}
}
