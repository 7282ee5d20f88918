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
	"golang.org/x/sync/semaphore"

	"dossier/backend/api"
)

// The lengths of the salt and the tag of a new hash.
const (
	saltBytes = 16
	tagBytes  = 32
)

// HashCost is how much work argon2id does for each new hash. The zero value is the cost for production. Only TestCost
// returns another.
type HashCost struct {
	memory, time uint32 // KiB, passes
	threads      uint8
}

// productionCost is OWASP's recommendation for argon2id.
var productionCost = HashCost{memory: 19456, time: 2, threads: 1}

// TestCost returns the lowest cost of argon2id, which does not protect a password: for tests only.
func TestCost() HashCost { return HashCost{memory: 8, time: 1, threads: 1} }

func (c HashCost) withDefault() HashCost {
	if c == (HashCost{}) {
		return productionCost
	}
	return c
}

// The largest parameters accepted in a stored hash: with larger ones a single document could stall the service.
const (
	maxHashMemory  = 256 << 10 // KiB
	maxHashTime    = 10
	maxHashThreads = 16
	maxSaltBytes   = 64
	maxTagBytes    = 64
)

// The length of a password, in characters.
const (
	minPassword = 6
	maxPassword = 128
)

// checkPasswordFormat refuses a password that cannot be stored.
func checkPasswordFormat(p Secret) error {
	text := p.Reveal()
	if err := checkNUL(p); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(text); n < minPassword || n > maxPassword {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "password must be between %d and %d characters",
			minPassword, maxPassword)
	}
	return nil
}

// checkNUL refuses a password with a NUL, and explains it: an old SDK appends one.
func checkNUL(p Secret) error {
	if strings.ContainsRune(p.Reveal(), 0) {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"the password contains a NUL character, which some old SDKs append: update the SDK")
	}
	return nil
}

// hasher hashes and verifies passwords with bounded concurrency: each hash takes 19 MiB and about 30 ms of a core.
type hasher struct {
	random    io.Reader
	cost      HashCost            // of new hashes
	slots     *semaphore.Weighted // one slot per core
	queue     *semaphore.Weighted // running and waiting calls
	dummyHash string              // a hash that no password matches
}

// newHasher returns a hasher that computes one hash per core at a time; at most queue further calls wait.
func newHasher(random io.Reader, cost HashCost, cores, queue int) (*hasher, error) {
	noise := make([]byte, saltBytes+tagBytes)
	if _, err := io.ReadFull(random, noise); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	h := &hasher{random: random, cost: cost.withDefault(), slots: semaphore.NewWeighted(int64(cores)),
		queue: semaphore.NewWeighted(int64(cores + queue))}
	h.dummyHash = h.cost.encode(noise[:saltBytes], noise[saltBytes:])
	return h, nil
}

// acquire waits for a slot; the caller must call release. It fails at once when the queue is full.
func (h *hasher) acquire(ctx context.Context) (release func(), err error) {
	if !h.queue.TryAcquire(1) {
		return nil, &api.Error{Status: http.StatusServiceUnavailable, Message: "too many sign-ins at this moment: try again",
			RetryAfter: time.Second}
	}
	if err := h.slots.Acquire(ctx, 1); err != nil {
		h.queue.Release(1)
		return nil, err
	}
	return func() { h.slots.Release(1); h.queue.Release(1) }, nil
}

// hash returns a new hash in PHC format.
func (h *hasher) hash(ctx context.Context, p Secret) (string, error) {
	release, err := h.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	tag := argon2.IDKey([]byte(p.Reveal()), salt, h.cost.time, h.cost.memory, h.cost.threads, tagBytes)
	return h.cost.encode(salt, tag), nil
}

// verify compares a password with a stored hash. An empty hash matches nothing and takes the same time. outdated
// reports that the hash has another cost than the hasher's.
func (h *hasher) verify(ctx context.Context, stored string, p Secret) (ok, outdated bool, err error) {
	unknown := stored == ""
	if unknown {
		stored = h.dummyHash
	}
	parsed, err := parseHash(stored)
	if err != nil {
		return false, false, err
	}
	release, err := h.acquire(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	tag := argon2.IDKey([]byte(p.Reveal()), parsed.salt, parsed.time, parsed.memory, parsed.threads,
		uint32(len(parsed.tag)))
	same := subtle.ConstantTimeCompare(tag, parsed.tag) == 1
	return same && !unknown, !parsed.hasCost(h.cost), nil
}

// storedHash is a parsed hash.
type storedHash struct {
	HashCost
	salt, tag []byte
}

func (s storedHash) hasCost(cost HashCost) bool {
	return s.HashCost == cost && len(s.salt) == saltBytes && len(s.tag) == tagBytes
}

// encode formats a hash of this cost in PHC format.
func (c HashCost) encode(salt, tag []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.memory, c.time, c.threads, b64.EncodeToString(salt), b64.EncodeToString(tag))
}

var errHash = errors.New("a stored password hash is malformed or its parameters are out of range")

// parseHash parses the PHC format and refuses parameters out of range. The error never contains the hash.
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
	inRange := s.memory >= 8 && s.memory <= maxHashMemory && s.time >= 1 && s.time <= maxHashTime && s.threads >= 1 &&
		s.threads <= maxHashThreads
	if err1 != nil || err2 != nil || !inRange || len(s.salt) < 8 || len(s.salt) > maxSaltBytes || len(s.tag) < 16 ||
		len(s.tag) > maxTagBytes {
		return storedHash{}, errHash
	}
	return s, nil
}
