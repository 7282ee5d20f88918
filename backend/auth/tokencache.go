package auth

import (
	"crypto/sha256"
	"sync"
)

const (
	maxCachedTokens = 4 << 20  // bytes of tokens in each of the two generations
	maxCachedToken  = 16 << 10 // bytes of a token
)

// tokenCache holds the claims of access tokens whose signature has been verified, so that each request need not verify
// and decode the same token again. It says nothing about expiry and the session: both are checked for each request. It
// holds hashes of tokens only, and is safe for concurrent use.
type tokenCache struct {
	mu            sync.Mutex
	recent, older map[[sha256.Size]byte]*tokenClaims
	size          int // bytes of the tokens in recent
}

// get returns the claims of a token, nil if they are not cached. They are shared and must not be changed.
func (c *tokenCache) get(token string) *tokenClaims {
	if len(token) > maxCachedToken {
		return nil
	}
	key := sha256.Sum256([]byte(token))
	c.mu.Lock()
	defer c.mu.Unlock()
	if claims := c.recent[key]; claims != nil {
		return claims
	}
	claims := c.older[key]
	if claims != nil {
		c.add(key, len(token), claims)
	}
	return claims
}

// put caches the claims of a verified token.
func (c *tokenCache) put(token string, claims *tokenClaims) {
	if len(token) > maxCachedToken {
		return
	}
	key := sha256.Sum256([]byte(token))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(key, len(token), claims)
}

// add caches claims in the recent generation. When that is full, the older one is dropped.
func (c *tokenCache) add(key [sha256.Size]byte, size int, claims *tokenClaims) {
	if c.recent == nil || c.size+size > maxCachedTokens {
		c.recent, c.older, c.size = map[[sha256.Size]byte]*tokenClaims{}, c.recent, 0
	}
	c.recent[key] = claims
	c.size += size
}
