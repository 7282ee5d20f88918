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

// LimitWindow is the time within which Limits count.
const LimitWindow = 10 * time.Minute

// Limits are how many requests are taken within LimitWindow, by all processes together. Zero is the default, less than zero is no limit.
type Limits struct {
	Registrations     int // from one client address; default 60
	Anonymous         int // anonymous sign-ins from one client address; default 300
	Mails             int // from one client address: mails, and functions that confirm or reset; default 60
	MailsPerRecipient int // the same for one e-mail address, whoever asks; default 10
	// CountLocal counts requests from this machine too. Otherwise they are free: behind a proxy here, everybody comes from one address.
	CountLocal bool
}

func (l Limits) orDefault() Limits {
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

// limiter counts requests in fixed windows of time, in the database, so that every process knows them.
type limiter struct {
	rows   *store.Collection
	now    func() time.Time
	limits Limits
}

func (l limiter) prepare(ctx context.Context) error {
	return l.rows.EnsureIndex(ctx, store.Index{Keys: bson.D{{Key: "expires_at", Value: 1}}})
}

// registration counts one from an address.
func (l limiter) registration(ctx context.Context, address string) error {
	return l.from(ctx, "register", address, l.limits.Registrations)
}

// anonymous counts an anonymous sign-in from an address.
func (l limiter) anonymous(ctx context.Context, address string) error {
	return l.from(ctx, "anonymous", address, l.limits.Anonymous)
}

// mail counts what an address asks to be sent.
func (l limiter) mail(ctx context.Context, address string) error {
	return l.from(ctx, "mail", address, l.limits.Mails)
}

// mailTo counts what is sent to one e-mail address.
func (l limiter) mailTo(ctx context.Context, email string) error {
	return l.take(ctx, "mail to", email, l.limits.MailsPerRecipient)
}

func (l limiter) from(ctx context.Context, what, address string, most int) error {
	if !l.limits.CountLocal && local(address) {
		return nil
	}
	return l.take(ctx, what, address, most)
}

// local reports whether an address, or the network that stands for it, is this machine's; a socket's is no IP address at all.
func local(address string) bool {
	if a, err := netip.ParseAddr(address); err == nil {
		return a.IsLoopback()
	}
	network, err := netip.ParsePrefix(address)
	return err != nil || network.Contains(netip.IPv6Loopback())
}

// take counts one request, and refuses it with 429 when it is one too many.
func (l limiter) take(ctx context.Context, what, who string, most int) error {
	if most < 0 {
		return nil
	}
	now := l.now()
	end := now.Truncate(LimitWindow).Add(LimitWindow)
	count, err := l.count(ctx, limitID(what, who, end), end)
	if err != nil {
		return err
	}
	if count > int64(most) {
		left := (end.Sub(now) + time.Second - 1).Truncate(time.Second)
		return &api.Error{Status: http.StatusTooManyRequests, Message: fmt.Sprintf("too many requests: try again in %s", left), RetryAfter: left}
	}
	return nil
}

// count adds one to a record and says how many that makes. It makes no upsert of it: of several that make the record at once, FerretDB tells
// some a count that is too low.
func (l limiter) count(ctx context.Context, id string, end time.Time) (int64, error) {
	for {
		doc, err := l.rows.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: id}}, bson.D{{Key: "$inc", Value: bson.D{{Key: "count", Value: int64(1)}}}}, store.FindAnd{ReturnNew: true})
		if err != nil {
			return 0, err
		}
		if doc != nil {
			count, _ := doc.Lookup("count").AsInt64OK()
			return count, nil
		}
		_, err = l.rows.InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "count", Value: int64(1)}, {Key: "expires_at", Value: end}})
		if store.KindOf(err) != store.Duplicate {
			return 1, err
		}
	}
}

// limitID hashes whom a count is about: the record shall not tell.
func limitID(what, who string, end time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%d:%s", len(what), what, end.Unix(), who))
	return hex.EncodeToString(sum[:])
}
