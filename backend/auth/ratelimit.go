package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/store"
)

// LimitWindow is the fixed window in which Limits count.
const LimitWindow = 10 * time.Minute

// Limits are the requests allowed per LimitWindow, in all processes together. Zero is the default, negative is no
// limit.
type Limits struct {
	Registrations     int // per client address; default 60
	Anonymous         int // anonymous sign-ins per client address; default 300
	Mails             int // mails and confirm or reset functions, per client address; default 60
	MailsPerRecipient int // the same per recipient, from all clients; default 10
	// CountLocal counts requests from this machine too. By default they are exempt: behind a local proxy all clients have
	// one address.
	CountLocal bool
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		at    *int
		value int
	}{{&l.Registrations, 60}, {&l.Anonymous, 300}, {&l.Mails, 60}, {&l.MailsPerRecipient, 10}} {
		if *f.at == 0 {
			*f.at = f.value
		}
	}
	return l
}

// rateLimiter counts requests in fixed windows, in the database, which all processes share.
type rateLimiter struct {
	rows   *store.Collection
	now    func() time.Time
	limits Limits
}

func (l rateLimiter) ensureIndexes(ctx context.Context) error {
	return l.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

// allowRegistration counts a registration from a client address.
func (l rateLimiter) allowRegistration(ctx context.Context, address string) error {
	return l.allowFrom(ctx, "register", address, l.limits.Registrations)
}

// allowAnonymous counts an anonymous sign-in from a client address.
func (l rateLimiter) allowAnonymous(ctx context.Context, address string) error {
	return l.allowFrom(ctx, "anonymous", address, l.limits.Anonymous)
}

// allowMail counts a mail that a client address requests.
func (l rateLimiter) allowMail(ctx context.Context, address string) error {
	return l.allowFrom(ctx, "mail", address, l.limits.Mails)
}

// allowMailTo counts a mail to a recipient.
func (l rateLimiter) allowMailTo(ctx context.Context, email string) error {
	return l.allow(ctx, "mail to", email, l.limits.MailsPerRecipient)
}

func (l rateLimiter) allowFrom(ctx context.Context, action, clientAddress string, limit int) error {
	if !l.limits.CountLocal && isLocal(clientAddress) {
		return nil
	}
	return l.allow(ctx, action, clientAddress, limit)
}

// isLocal reports whether a client address, or the network that stands for it, is this machine's. The address of a unix
// socket is no IP address and is local.
func isLocal(address string) bool {
	if a, err := netip.ParseAddr(address); err == nil {
		return a.IsLoopback()
	}
	network, err := netip.ParsePrefix(address)
	return err != nil || network.Contains(netip.IPv6Loopback())
}

// allow counts one request and refuses it with 429 when the limit is exceeded.
func (l rateLimiter) allow(ctx context.Context, action, key string, limit int) error {
	if limit < 0 {
		return nil
	}
	now := l.now()
	end := now.Truncate(LimitWindow).Add(LimitWindow)
	count, err := l.increment(ctx, windowID(action, key, end), end)
	if err != nil {
		return err
	}
	if count > int64(limit) {
		left := (end.Sub(now) + time.Second - 1).Truncate(time.Second)
		return &api.Error{Status: http.StatusTooManyRequests, Message: fmt.Sprintf("too many requests: try again in %s",
			left), RetryAfter: left}
	}
	return nil
}

// increment adds one to a counter and returns the sum. It does not use an upsert: when several clients insert the
// counter at once, FerretDB returns too low a count to some.
func (l rateLimiter) increment(ctx context.Context, id string, end time.Time) (int64, error) {
	for {
		doc, err := l.rows.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: id}},
			bson.D{{Key: "$inc", Value: bson.D{{Key: "count", Value: int64(1)}}}}, store.FindAnd{ReturnNew: true})
		if err != nil {
			return 0, err
		}
		if doc != nil {
			count, _ := doc.Lookup("count").AsInt64OK()
			return count, nil
		}
		_, err = l.rows.InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "count", Value: int64(1)},
			{Key: "expires_at", Value: end}})
		if store.KindOf(err) != store.Duplicate {
			return 1, err
		}
	}
}

// windowID hashes the key: the document must not reveal it.
func windowID(action, key string, end time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%d:%s", len(action), action, end.Unix(), key))
	return hex.EncodeToString(sum[:])
}
