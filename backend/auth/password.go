package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"dossier/backend/api"
)

// The lengths of the salt and the tag of a new hash.
const (
	saltBytes = 16
	tagBytes  = 32
)

// HashCost is how much work argon2id does for each new hash. The zero value is the cost for production. Only TestCost returns another.
type HashCost struct {
	memory, time uint32 // KiB, passes
	threads      uint8
}

// productionCost is OWASP's recommendation for argon2id.
var productionCost = HashCost{memory: 19456, time: 2, threads: 1}

// TestCost returns the lowest cost of argon2id, which does not protect a password: for tests only.
func TestCost() HashCost { return HashCost{memory: 8, time: 1, threads: 1} }

func (c HashCost) orDefault() HashCost {
	if c == (HashCost{}) {
		return productionCost
	}
	return c
}

// The largest parameters accepted in a stored hash: more would let a record stop the service.
const (
	maxHashMemory  = 256 << 10 // KiB
	maxHashTime    = 10
	maxHashThreads = 16
	maxSaltBytes   = 64
	maxTagBytes    = 64
)

// The limits of a password, in characters.
const (
	minPassword = 6
	maxPassword = 128
)

// checkPassword refuses a password that cannot be kept.
func checkPassword(p Secret) error {
	text := p.Reveal()
	if err := checkNUL(p); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(text); n < minPassword || n > maxPassword {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "password must be between %d and %d characters", minPassword, maxPassword)
	}
	return nil
}

// checkNUL names what an old SDK does: it sends a NUL behind the password.
func checkNUL(p Secret) error {
	if strings.ContainsRune(p.Reveal(), 0) {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "the password contains a NUL character, which some old SDKs append: update the SDK")
	}
	return nil
}

// hasher hashes and checks passwords, so many at a time and no more: each takes 19 MiB and some 30 ms of a core.
type hasher struct {
	random  io.Reader
	cost    HashCost      // of new hashes
	running chan struct{} // a place a core
	waiting chan struct{} // those who hash and those who wait to
	dummy   string        // a hash that no password has
}

// newHasher returns a hasher that computes one hash per core at a time and allows queue callers more to wait.
func newHasher(random io.Reader, cost HashCost, cores, queue int) (*hasher, error) {
	noise := make([]byte, saltBytes+tagBytes)
	if _, err := io.ReadFull(random, noise); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	h := &hasher{random: random, cost: cost.orDefault(), running: make(chan struct{}, cores), waiting: make(chan struct{}, cores+queue)}
	h.dummy = h.cost.encode(noise[:saltBytes], noise[saltBytes:])
	return h, nil
}

// enter waits for a place; leave must be called. It fails at once when too many wait already.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.waiting <- struct{}{}:
	default:
		return nil, &api.Error{Status: http.StatusServiceUnavailable, Message: "too many sign-ins at this moment: try again", RetryAfter: time.Second}
	}
	select {
	case h.running <- struct{}{}:
		return func() { <-h.running; <-h.waiting }, nil
	case <-ctx.Done():
		<-h.waiting
		return nil, ctx.Err()
	}
}

// hash makes a new hash in the PHC notation.
func (h *hasher) hash(ctx context.Context, p Secret) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	tag := argon2.IDKey([]byte(p.Reveal()), salt, h.cost.time, h.cost.memory, h.cost.threads, tagBytes)
	return h.cost.encode(salt, tag), nil
}

// check compares a password with a stored hash; an empty one stands for nobody's and costs the same. stale: the parameters are not today's.
func (h *hasher) check(ctx context.Context, stored string, p Secret) (ok, stale bool, err error) {
	nobody := stored == ""
	if nobody {
		stored = h.dummy
	}
	parsed, err := parseHash(stored)
	if err != nil {
		return false, false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	tag := argon2.IDKey([]byte(p.Reveal()), parsed.salt, parsed.time, parsed.memory, parsed.threads, uint32(len(parsed.tag)))
	same := subtle.ConstantTimeCompare(tag, parsed.tag) == 1
	return same && !nobody, !parsed.current(h.cost), nil
}

// storedHash is a hash taken apart.
type storedHash struct {
	HashCost
	salt, tag []byte
}

func (s storedHash) current(cost HashCost) bool {
	return s.HashCost == cost && len(s.salt) == saltBytes && len(s.tag) == tagBytes
}

// encode writes a hash of this cost in the PHC notation.
func (c HashCost) encode(salt, tag []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.memory, c.time, c.threads, b64.EncodeToString(salt), b64.EncodeToString(tag))
}

var errHash = errors.New("a stored password hash is damaged or asks for too much")

// parseHash reads the PHC notation and refuses parameters beyond the limits. The error never shows the hash.
func parseHash(text string) (storedHash, error) {
	part := strings.Split(text, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return storedHash{}, errHash
	}
	var s storedHash
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &s.memory, &s.time, &s.threads); n != 3 || err != nil {
		return storedHash{}, errHash
	}
	var err1, err2 error
	s.salt, err1 = base64.RawStdEncoding.DecodeString(part[4])
	s.tag, err2 = base64.RawStdEncoding.DecodeString(part[5])
	fits := s.memory >= 8 && s.memory <= maxHashMemory && s.time >= 1 && s.time <= maxHashTime && s.threads >= 1 && s.threads <= maxHashThreads
	if err1 != nil || err2 != nil || !fits || len(s.salt) < 8 || len(s.salt) > maxSaltBytes || len(s.tag) < 16 || len(s.tag) > maxTagBytes {
		return storedHash{}, errHash
	}
	return s, nil
}
