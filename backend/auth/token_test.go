package auth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/model/testdocument"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func testSigner(t *testing.T) *signer {
	t.Helper()
	s, err := newSigner(signingKey{kid: "k1", secret: NewSecret(strings.Repeat("s", 64))}, DomainID("app"),
		func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testClaims(s *signer) accessClaims {
	return accessClaims{DeviceID: strings.Repeat("d", 24), DomainID: s.domainID, SessionID: "session", UserID: "user",
		IssuedAt: noon.Unix(), ExpiresAt: noon.Add(time.Minute).Unix()}
}

func payload(t *testing.T, token string) map[string]json.RawMessage {
	t.Helper()
	part := strings.Split(token, ".")
	if len(part) != 3 {
		t.Fatalf("%d parts", len(part))
	}
	text, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestAccessTokenClaims(t *testing.T) {
	s := testSigner(t)
	id := bson.NewObjectID()
	doc, err := bson.Marshal(bson.D{{Key: "_id", Value: id}, {Key: "n", Value: int32(3)}, {Key: "when", Value: noon},
		{Key: "inner", Value: bson.D{{Key: "_id", Value: id}}}, {Key: "s", Value: "pink"}})
	if err != nil {
		t.Fatal(err)
	}
	token, tooLarge, err := s.signAccess(testClaims(s), doc)
	if err != nil || tooLarge {
		t.Fatal(err, tooLarge)
	}
	claims := payload(t, token)
	want := fmt.Sprintf(`{"_id":"%s","n":{"$numberInt":"3"},"when":{"$date":{"$numberLong":"%d"}},"inner":{"_id":{"$oid":"%s"}},"s":"pink"}`, id.Hex(), noon.UnixMilli(), id.Hex())
	if string(claims["user_data"]) != want {
		t.Errorf("user_data %s\nwant %s", claims["user_data"], want)
	}
	for claim, want := range map[string]string{
		"iss": `"session"`, "sub": `"user"`, "typ": `"access"`, "iat": fmt.Sprint(noon.Unix()),
		"exp":            fmt.Sprint(noon.Unix() + 60),
		"baas_device_id": `"` + strings.Repeat("d", 24) + `"`, "baas_domain_id": `"` + s.domainID + `"`,
		"stitch_domainId": `"` + s.domainID + `"`,
	} {
		if string(claims[claim]) != want {
			t.Errorf("%s is %s, want %s", claim, claims[claim], want)
		}
	}
	if token, _, err = s.signAccess(testClaims(s), nil); err != nil {
		t.Fatal(err)
	}
	if data, there := payload(t, token)["user_data"]; there {
		t.Errorf("without a document user_data is %s", data)
	}
	if _, err := s.verify(token); err != nil {
		t.Error(err)
	}
}

func TestAccessTokenLeavesOutWhatDoesNotFit(t *testing.T) {
	s := testSigner(t)
	fits, over := 0, 0
	for _, size := range []int{700 << 10, 786000, 790 << 10, 1 << 20, 15 << 20} {
		doc, err := bson.Marshal(bson.D{{Key: "s", Value: strings.Repeat("x", size)}})
		if err != nil {
			t.Fatal(err)
		}
		token, tooLarge, err := s.signAccess(testClaims(s), doc)
		if err != nil {
			t.Fatal(err)
		}
		if len(token) > model.MaxTokenBytes {
			t.Errorf("the token has %d bytes", len(token))
		}
		claims := payload(t, token)
		_, there := claims["user_data"]
		if there == tooLarge || tooLarge != (string(claims["dossier_user_data_too_large"]) == "true") {
			t.Errorf("%d bytes: too large %v, claims say %s", size, tooLarge, claims["dossier_user_data_too_large"])
		}
		if tooLarge {
			over++
		} else {
			fits++
		}
	}
	if fits < 2 || over < 2 {
		t.Errorf("%d fit, %d do not", fits, over)
	}
}

// TestTheLargestDocumentInAToken: the size up to which a document fits, in bytes of BSON, by what it holds: README
// names these sizes. The document in the token is the stored one, with the types of all values.
func TestTheLargestDocumentInAToken(t *testing.T) {
	s := testSigner(t)
	repeat := func(v any) func(int) bson.D {
		return func(n int) bson.D {
			list := make(bson.A, n/10)
			for i := range list {
				list[i] = v
			}
			return bson.D{{Key: "v", Value: list}}
		}
	}
	for name, kind := range map[string]struct {
		document func(n int) bson.D
		largest  int // bytes of BSON
	}{
		"text":      {func(n int) bson.D { return bson.D{{Key: "v", Value: strings.Repeat("x", n)}} }, 786_000},
		"HTML":      {func(n int) bson.D { return bson.D{{Key: "v", Value: strings.Repeat("<p>&</p>", n/8)}} }, 786_000},
		"ints":      {repeat(int32(-12345)), 348_000},
		"fractions": {repeat(1.25), 459_000},
		"longs":     {repeat(int64(12345)), 479_000},
		"binary":    {func(n int) bson.D { return bson.D{{Key: "v", Value: make([]byte, n)}} }, 589_000},
		"records":   {testdocument.ManyFields, 625_000},
	} {
		atSize := func(size int) bson.D {
			const step = 1000
			n := sort.Search(6000, func(n int) bool { return len(marshal(t, kind.document(n*step))) > size })
			return kind.document((n - 1) * step)
		}
		fields := atSize(kind.largest)
		token, tooLarge := signDocument(t, s, fields)
		if _, over := signDocument(t, s, atSize(kind.largest*102/100)); tooLarge || !over ||
			len(token) > model.MaxTokenBytes {
			t.Errorf("%s: %d bytes do not fit (%v), or 2 %% more do", name, kind.largest, tooLarge)
		}
		read, err := model.ParseToken(token)
		if err != nil || len(model.DiffSnapshot(read.CustomData, marshal(t, fields))) > 0 {
			t.Errorf("%s: the token has another document (%v)", name, err)
		}
	}
}

func signDocument(t *testing.T, s *signer, fields bson.D) (token string, tooLarge bool) {
	t.Helper()
	token, tooLarge, err := s.signAccess(testClaims(s), marshal(t, fields))
	if err != nil {
		t.Fatal(err)
	}
	return token, tooLarge
}

func marshal(t *testing.T, fields bson.D) bson.Raw {
	t.Helper()
	doc, err := bson.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTokenTampering(t *testing.T) {
	s := testSigner(t)
	sign := func(method jose.SignatureAlgorithm, kid any, key []byte, change func(*accessClaims)) string {
		c := testClaims(s)
		c.Type = typAccess
		if change != nil {
			change(&c)
		}
		header := new(jose.SignerOptions).WithType("JWT")
		if kid != nil {
			header.WithHeader("kid", kid)
		}
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: method, Key: key}, header)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		text, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	key := []byte(s.key.secret.Reveal())
	good := sign(jose.HS256, "k1", key, nil)
	if _, err := s.verify(good); err != nil {
		t.Fatalf("the untouched token: %v", err)
	}
	part := strings.Split(good, ".")
	for name, c := range map[string]struct{ token, want string }{
		"alg none": {base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"k1","typ":"JWT"}`)) + "." +
			part[1] + ".", "algorithm is not accepted"},
		"alg HS512":    {sign(jose.HS512, "k1", key, nil), "algorithm is not accepted"},
		"another kid":  {sign(jose.HS256, "k2", key, nil), "unknown key"},
		"no kid":       {sign(jose.HS256, nil, key, nil), "unknown key"},
		"kid a number": {sign(jose.HS256, 1, key, nil), "malformed"},
		"another key":  {sign(jose.HS256, "k1", []byte(strings.Repeat("o", 64)), nil), "signature is invalid"},
		"no signature": {part[0] + "." + part[1] + ".", "signature is invalid"},
		"another payload": {part[0] + "." +
			base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"admin","exp":9999999999}`)) + "." + part[2],
			"signature is invalid"},
		"expired": {sign(jose.HS256, "k1", key, func(c *accessClaims) { c.ExpiresAt = noon.Unix() }),
			"access token expired"},
		"no expiry": {sign(jose.HS256, "k1", key, func(c *accessClaims) { c.ExpiresAt = 0 }), "malformed"},
		"another application": {sign(jose.HS256, "k1", key, func(c *accessClaims) { c.DomainID = "x" }),
			"another application"},
		"oversized":  {good + strings.Repeat("x", model.MaxTokenBytes), "too large"},
		"null":       {"null", "malformed"},
		"empty":      {"", "malformed"},
		"garbage":    {"a.b.c", "malformed"},
		"four parts": {good + ".x", "malformed"},
	} {
		_, err := s.verify(c.token)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A token that was verified before is refused from its expiry on, and no other token profits from it.
func TestVerifiedTokensExpire(t *testing.T) {
	s := testSigner(t)
	now := noon
	s.now = func() time.Time { return now }
	token, _, err := s.signAccess(testClaims(s), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if c, err := s.verify(token); err != nil || c.UserID != "user" {
			t.Fatalf("got %+v, %v", c, err)
		}
	}
	if s.cache.get(token) == nil {
		t.Error("the token is not cached")
	}
	if _, err := s.verify(token[:len(token)-2] + "AA"); err == nil {
		t.Error("a token with another signature is accepted")
	}
	now = noon.Add(time.Minute)
	if _, err := s.verify(token); err == nil || !strings.Contains(err.Error(), "access token expired") {
		t.Errorf("after its expiry: %v", err)
	}
}

// The cache keeps the tokens in use and a bounded number of others.
func TestTokenCacheIsBounded(t *testing.T) {
	var c tokenCache
	c.put("used", &tokenClaims{})
	padding := strings.Repeat("x", maxCachedToken-8)
	for n := range 10 * maxCachedTokens / maxCachedToken {
		c.put(fmt.Sprint(n, padding), &tokenClaims{})
		if c.get("used") == nil {
			t.Fatalf("the token in use is dropped after %d others", n)
		}
	}
	if n, most := len(c.recent)+len(c.older), 2*maxCachedTokens/(maxCachedToken-8)+2; n > most {
		t.Errorf("%d tokens are cached, want at most %d", n, most)
	}
	c.put(padding+"123456789", &tokenClaims{})
	if c.get(padding+"123456789") != nil {
		t.Error("a token above the limit is cached")
	}
}
