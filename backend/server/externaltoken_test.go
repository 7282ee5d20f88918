package server_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/storetest"
)

var (
	secret      = strings.Repeat("s3cret-", 6)
	otherSecret = strings.Repeat("0ther-", 6)
)

// rsaKey, ecKey and edKey are an external issuer's keys. All tests share them, because generating one takes time.
var (
	rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return mustKey(rsa.GenerateKey(rand.Reader, 2048)) })
	ecKey  = sync.OnceValue(func() *ecdsa.PrivateKey { return mustKey(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	edKey  = sync.OnceValue(func() ed25519.PrivateKey {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return mustKey(key, err)
	})
)

func mustKey[K any](k K, err error) K {
	if err != nil {
		panic(err)
	}
	return k
}

func publicPEM(key any) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: mustKey(x509.MarshalPKIXPublicKey(key))}))
}

// signToken signs a token. kid may be empty; key is nil for the method "none".
func signToken(t testing.TB, method jose.SignatureAlgorithm, key any, kid string, claims map[string]any) string {
	t.Helper()
	header := new(jose.SignerOptions).WithType("JWT")
	if kid != "" {
		header.WithHeader("kid", kid)
	}
	return signTokenWithHeader(t, method, key, header, claims)
}

func signTokenWithHeader(t testing.TB, method jose.SignatureAlgorithm, key any, header *jose.SignerOptions,
	claims map[string]any) string {
	t.Helper()
	payload := mustKey(json.Marshal(claims))
	if method == "none" {
		encode := base64.RawURLEncoding.EncodeToString
		return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: method, Key: key}, header)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	return mustKey(token.CompactSerialize())
}

// startWithIssuer starts a service whose provider accepts tokens of an issuer.
func startWithIssuer(t testing.TB, provider string, issuer app.TokenIssuer) *backendtest.Harness {
	t.Helper()
	return backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Providers[provider] = app.Provider{Type: provider, Token: issuer}
	}})
}

// validClaims returns claims that the service accepts, with more claims added.
func validClaims(h *backendtest.Harness, more map[string]any) map[string]any {
	now := h.Clock.Now()
	claims := map[string]any{"sub": "ada", "aud": h.AppID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(claims, more)
	return claims
}

// loginBody returns the body that SDKs send: the Web SDK sends the fields with options, the SDKs on Realm Core also the
// provider.
func loginBody(t testing.TB, fields map[string]any, provider string) string {
	t.Helper()
	all := map[string]any{"options": map[string]any{"device": map[string]any{"sdkVersion": "2.0.1", "platform": "node",
		"platformVersion": "20.20.2"}}}
	if provider != "" {
		all["provider"] = provider
		all["options"] = map[string]any{"device": map[string]any{"appId": "x", "platform": "node", "sdk": "RealmJS",
			"cpuArch": "x64"}}
	}
	maps.Copy(all, fields)
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func tokenLogin(t testing.TB, h *backendtest.Harness, token string) response {
	t.Helper()
	return request(t, h, "POST", api.LoginPath(h.AppID, api.CustomToken), "", loginBody(t, map[string]any{"token": token},
		""))
}

func getProfile(t testing.TB, h *backendtest.Harness, a session) map[string]any {
	t.Helper()
	return request(t, h, "GET", api.ProfilePath, a.Access, "").expect(t, 200, "", "").object(t)
}

func TestCustomTokenOfEveryAlgorithm(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		method    jose.SignatureAlgorithm
		sign      any
		keys      []app.TokenKey
	}{
		{"HS256", jose.HS256, []byte(secret), []app.TokenKey{app.NewTokenKey(otherSecret), app.NewTokenKey(secret)}},
		{"RS256", jose.RS256, rsaKey(), []app.TokenKey{app.NewTokenKey(publicPEM(rsaKey().Public()))}},
		{"ES256", jose.ES256, ecKey(), []app.TokenKey{app.NewTokenKey(publicPEM(ecKey().Public()))}},
		{"EdDSA", jose.EdDSA, edKey(), []app.TokenKey{app.NewTokenKey(strings.ReplaceAll(publicPEM(edKey().Public()), "\n",
			`\n`))}},
	} {
		t.Run(c.algorithm, func(t *testing.T) {
			h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{Algorithm: c.algorithm, Keys: c.keys})
			token := signToken(t, c.method, c.sign, "", validClaims(h, map[string]any{"secret": "not mapped"}))
			first := tokenLogin(t, h, token).session(t)
			again := request(t, h, "POST", api.LoginPath(h.AppID, api.CustomToken), "",
				loginBody(t, map[string]any{"token": token}, api.CustomToken)).session(t)
			if first.ID != again.ID || !hex24Pattern.MatchString(first.ID) || first.Access == again.Access {
				t.Errorf("signed in as %q, then as %q", first.ID, again.ID)
			}
			p := getProfile(t, h, again)
			list := p["identities"].([]any)
			if len(list) != 1 || list[0].(map[string]any)["id"] != "ada" ||
				list[0].(map[string]any)["provider_type"] != "custom-token" {
				t.Errorf("identities %v", list)
			}
			if data := p["data"].(map[string]any); len(data) != 0 {
				t.Errorf("data %v, and nothing is mapped", data)
			}
			bob := tokenLogin(t, h, signToken(t, c.method, c.sign, "", validClaims(h, map[string]any{"sub": "bob"}))).session(t)
			if bob.ID == first.ID {
				t.Error("two subjects are one user")
			}
		})
	}
}

// The configured metadata fields, and only these, are copied at every sign-in.
func TestCustomTokenMetadata(t *testing.T) {
	fields := []app.MetadataField{
		{Path: []string{"info", "e.mail"}, Field: "email", Required: true}, {Path: []string{"n"}, Field: "n"},
		{Path: []string{"tags"}, Field: "tags"},
		{Path: []string{"long"}, Field: "long"}, {Path: []string{"odd"}, Field: "odd"}, {Path: []string{"deep"},
			Field: "deep"},
	}
	h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{Algorithm: "HS256",
		Keys: []app.TokenKey{app.NewTokenKey(secret)}, Metadata: fields})
	login := func(more map[string]any) session {
		t.Helper()
		return tokenLogin(t, h, signToken(t, jose.HS256, []byte(secret), "", validClaims(h, more))).session(t)
	}
	deep := strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40)
	a := login(map[string]any{
		"info": map[string]any{"e.mail": "ada@example.com"}, "n": 3, "tags": []any{"a", map[string]any{"b": true}},
		"secret": "no",
		"long":   strings.Repeat("é", 4097), "odd": map[string]any{"$set": 1}, "deep": json.RawMessage(deep),
	})
	want := `{"email":"ada@example.com","n":{"$numberInt":"3"},"tags":["a",{"b":true}]}`
	if p := request(t, h, "GET", api.ProfilePath, a.Access, ""); !strings.Contains(p.Body, `"data":`+want) ||
		!strings.Contains(p.Body, `"provider_data":`+want) {
		t.Errorf("profile %s, want data %s", p.Body, want)
	}
	a = login(map[string]any{"info": map[string]any{"e.mail": "ada@example.org"}, "n": nil, "long": strings.Repeat("é",
		4096)})
	data := getProfile(t, h, a)["data"].(map[string]any)
	if len(data) != 2 || data["email"] != "ada@example.org" || len([]rune(data["long"].(string))) != 4096 {
		t.Errorf("data after the next sign-in %v", data)
	}
	for _, info := range []any{nil, "text", map[string]any{"e.mail": nil},
		map[string]any{"e": map[string]any{"mail": "x"}}, map[string]any{"e.mail": strings.Repeat("x", 4097)}} {
		tokenLogin(t, h, signToken(t, jose.HS256, []byte(secret), "", validClaims(h, map[string]any{"info": info}))).expect(t,
			401, "AuthError", "unauthorized")
	}
}

// tampered changes the payload of a token and keeps its signature.
func tampered(token string) string {
	part := strings.Split(token, ".")
	part[1] = base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"eve","aud":"x","exp":99999999999}`))
	return strings.Join(part, ".")
}

// The response to an invalid token does not contain the reason. The log does, and does not contain the token.
func TestCustomTokenRefused(t *testing.T) {
	h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{Algorithm: "RS256", Issuer: "https://issuer.example.com",
		Keys: []app.TokenKey{app.NewTokenKey(publicPEM(rsaKey().Public()))}})
	now := h.Clock.Now()
	rs := func(more map[string]any) string {
		return signToken(t, jose.RS256, rsaKey(), "",
			validClaims(h, merged(map[string]any{"iss": "https://issuer.example.com"}, more)))
	}
	whole := rs(nil)
	tokenLogin(t, h, whole).session(t)
	tokenLogin(t, h, rs(map[string]any{"exp": now.Unix() - 4, "nbf": now.Unix() + 4, "iat": now.Unix() + 4,
		"aud": []string{"x", h.AppID}})).session(t)
	critical := signTokenWithHeader(t, jose.RS256, rsaKey(), new(jose.SignerOptions).WithHeader("crit", []string{"b64"}),
		validClaims(h, map[string]any{"iss": "https://issuer.example.com"}))
	for what, c := range map[string]struct{ token, why string }{
		"expired":             {rs(map[string]any{"exp": now.Unix() - 6}), "expired"},
		"never expires":       {rs(map[string]any{"exp": nil}), "no claim exp"},
		"odd expiry":          {rs(map[string]any{"exp": "tomorrow"}), "malformed"},
		"not yet valid":       {rs(map[string]any{"nbf": now.Unix() + 60}), "nbf"},
		"from the future":     {rs(map[string]any{"iat": now.Unix() + 60}), "iat"},
		"empty subject":       {rs(map[string]any{"sub": ""}), "claim sub"},
		"no subject":          {rs(map[string]any{"sub": nil}), "claim sub"},
		"subject in capitals": {rs(map[string]any{"sub": nil, "SUB": "ada"}), "claim sub"},
		"a number":            {rs(map[string]any{"sub": 7}), "claim sub"},
		"a long subject":      {rs(map[string]any{"sub": strings.Repeat("x", 1025)}), "claim sub"},
		"another audience":    {rs(map[string]any{"aud": []string{"other"}}), "claim aud"},
		"no audience":         {rs(map[string]any{"aud": nil}), "claim aud"},
		"an odd audience":     {rs(map[string]any{"aud": 7}), "claim aud"},
		"another issuer":      {rs(map[string]any{"iss": "https://evil.example.com"}), "issuer"},
		"no issuer":           {rs(map[string]any{"iss": nil}), "issuer"},
		"not signed":          {signToken(t, "none", nil, "", validClaims(h, nil)), "algorithm is not accepted"},
		"public key as secret": {signToken(t, jose.HS256, []byte(publicPEM(rsaKey().Public())), "", validClaims(h, nil)),
			"algorithm is not accepted"},
		"another algorithm": {signToken(t, jose.RS512, rsaKey(), "", validClaims(h, nil)), "algorithm is not accepted"},
		"another key":       {signToken(t, jose.ES256, ecKey(), "", validClaims(h, nil)), "algorithm is not accepted"},
		"unknown key": {signToken(t, jose.RS256, mustKey(rsa.GenerateKey(rand.Reader, 2048)), "",
			validClaims(h, nil)), "signature"},
		"tampered":            {tampered(whole), "signature"},
		"critical extensions": {critical, "critical extensions"},
		"cut":                 {whole[:len(whole)-4], "signature"},
		"no signature":        {whole[:strings.LastIndex(whole, ".")+1], "signature"},
		"two parts":           {whole[:strings.LastIndex(whole, ".")], "malformed"},
		"four parts":          {whole + ".x", "malformed"},
		"null":                {"bnVsbA.bnVsbA.bnVsbA", "malformed"},
		"nothing":             {"", "malformed"},
		"a million":           {whole + strings.Repeat("x", 1_000_001-len(whole)), "more than 1000000 bytes"},
	} {
		t.Run(what, func(t *testing.T) {
			before := len(h.Log.String())
			got := tokenLogin(t, h, c.token).expect(t, 401, "AuthError", "unauthorized")
			if got.object(t)["error"] != "unauthorized" {
				t.Errorf("the response is %s", got.Body)
			}
			if line := h.Log.String()[before:]; !strings.Contains(line, c.why) {
				t.Errorf("logged %s, want %q", line, c.why)
			}
		})
	}
	if part := strings.Split(whole, ".")[1]; strings.Contains(h.Log.String(), part) || strings.Contains(h.Log.String(),
		"evil.example.com") {
		t.Error("a token is in the log")
	}
	request(t, h, "POST", api.LoginPath(h.AppID, api.CustomToken), "", `{"token":7}`).expect(t, 400, "MissingParameter",
		"'token'")
	request(t, h, "POST", api.LoginPath(h.AppID, api.CustomToken), "", ``).expect(t, 400, "MissingParameter", "'token'")
	request(t, h, "POST", api.LoginPath(h.AppID, api.CustomToken), "", strings.Repeat(" ", api.MaxLoginBody)+
		`{}`).expect(t, 413, "BadRequest", "larger than")
}

func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// The settings require all audiences, or any of them.
func TestCustomTokenAudience(t *testing.T) {
	for _, c := range []struct {
		any  bool
		aud  []string
		good bool
	}{
		{false, []string{"a", "b", "c"}, true}, {false, []string{"a"}, false}, {true, []string{"b"}, true},
		{true, []string{"c"}, false},
	} {
		h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{Algorithm: "HS256",
			Keys: []app.TokenKey{app.NewTokenKey(secret)}, Audience: []string{"a", "b"}, AnyAudience: c.any})
		got := tokenLogin(t, h, signToken(t, jose.HS256, []byte(secret), "", validClaims(h, map[string]any{"aud": c.aud})))
		if (got.Status == 200) != c.good {
			t.Errorf("any %v of %v: %d %s", c.any, c.aud, got.Status, got.Body)
		}
	}
}

// issuer is a token issuer that publishes its key set over loopback HTTP.
type issuer struct {
	*httptest.Server
	mu       sync.Mutex
	set      jose.JSONWebKeySet
	down     bool
	requests int
}

func startIssuer(t testing.TB, keys ...jose.JSONWebKey) *issuer {
	t.Helper()
	p := &issuer{set: jose.JSONWebKeySet{Keys: keys}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	switch {
	case r.URL.Path == "/away":
		http.Redirect(w, r, "https://elsewhere.invalid/keys", http.StatusFound)
	case r.URL.Path == "/moved":
		http.Redirect(w, r, "/keys", http.StatusFound)
	case r.URL.Path == "/large":
		_, _ = w.Write([]byte(strings.Repeat(" ", 1<<20+1)))
	case p.down:
		w.WriteHeader(http.StatusBadGateway)
	default:
		_ = json.NewEncoder(w).Encode(p.set)
	}
}

func (p *issuer) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *issuer) requestCount() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests
}

func TestPublishedKeys(t *testing.T) {
	weak := mustKey(rsa.GenerateKey(rand.Reader, 1024))
	mine := []jose.JSONWebKey{
		{Key: rsaKey().Public(), KeyID: "rsa", Algorithm: "RS256", Use: "sig"}, {Key: ecKey().Public(), KeyID: "ec"},
		{Key: edKey().Public(), KeyID: "ed", Use: "sig"},
		{Key: []byte(secret), KeyID: "secret", Algorithm: "HS256"}, {Key: weak.Public(), KeyID: "weak"},
		{Key: ecKey().Public(), KeyID: "enc", Use: "enc"},
	}
	text := string(mustKey(json.Marshal(jose.JSONWebKeySet{Keys: mine})))
	p := startIssuer(t, mine...)
	for what, issuer := range map[string]app.TokenIssuer{"address": {JWKSURL: p.URL}, "moved": {JWKSURL: p.URL + "/moved"},
		"file": {JWKSFile: text}} {
		t.Run(what, func(t *testing.T) {
			h := startWithIssuer(t, api.CustomToken, issuer)
			for _, c := range []struct {
				method jose.SignatureAlgorithm
				key    any
				kid    string
				good   bool
			}{
				{jose.RS256, rsaKey(), "rsa", true}, {jose.ES256, ecKey(), "ec", true}, {jose.EdDSA, edKey(), "ed", true},
				{jose.RS256, rsaKey(), "", true}, {jose.ES256, ecKey(), "", true},
				{jose.RS256, rsaKey(), "unknown", false}, {jose.RS256, rsaKey(), "ec", false}, {jose.ES256, ecKey(), "enc", false},
				{jose.HS256, []byte(secret), "secret", false}, {jose.RS256, weak, "weak", false}, {jose.RS384, rsaKey(), "rsa",
					false},
			} {
				got := tokenLogin(t, h, signToken(t, c.method, c.key, c.kid, validClaims(h, nil)))
				if !c.good {
					got.expect(t, 401, "AuthError", "unauthorized")
				} else if got.Status != 200 {
					t.Errorf("%s with kid %q: %d %s", c.method, c.kid, got.Status, got.Body)
				}
			}
		})
	}
	// A configured algorithm excludes the issuer's other keys.
	h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{JWKSURL: p.URL, Algorithm: "ES256"})
	tokenLogin(t, h, signToken(t, jose.ES256, ecKey(), "ec", validClaims(h, nil))).session(t)
	tokenLogin(t, h, signToken(t, jose.RS256, rsaKey(), "rsa", validClaims(h, nil))).expect(t, 401, "AuthError",
		"unauthorized")
}

// The key set is fetched again for an unknown key id, but not once for every invented one.
func TestKeyRotation(t *testing.T) {
	p := startIssuer(t, jose.JSONWebKey{Key: ecKey().Public(), KeyID: "first"})
	h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{JWKSURL: p.URL})
	token := func(key *ecdsa.PrivateKey, kid string) response {
		t.Helper()
		return tokenLogin(t, h, signToken(t, jose.ES256, key, kid, validClaims(h, nil)))
	}
	if p.requestCount() != 0 {
		t.Error("the keys were fetched before the first sign-in")
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { token(ecKey(), "first").session(t) })
	}
	all.Wait()
	for n := range 20 {
		token(ecKey(), fmt.Sprint("invented ", n)).expect(t, 401, "AuthError", "unauthorized")
	}
	if p.requestCount() != 1 {
		t.Errorf("the issuer got %d requests, want 1", p.requestCount())
	}
	next := mustKey(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p.change(func() { p.set.Keys = []jose.JSONWebKey{{Key: next.Public(), KeyID: "next"}} })
	h.Clock.Advance(11 * time.Second)
	token(ecKey(), "first").session(t)
	token(next, "next").session(t)
	token(ecKey(), "first").expect(t, 401, "AuthError", "unauthorized")
	if p.requestCount() != 2 {
		t.Errorf("the issuer got %d requests, want 2", p.requestCount())
	}
	h.Clock.Advance(2 * time.Hour)
	token(next, "next").session(t)
	if p.requestCount() != 3 {
		t.Errorf("the issuer got %d requests, want 3: the cached keys have expired", p.requestCount())
	}
}

// An unreachable issuer causes 503, not 401. Cached keys are valid for a day.
func TestIssuerDown(t *testing.T) {
	p := startIssuer(t, jose.JSONWebKey{Key: ecKey().Public(), KeyID: "ec"})
	p.change(func() { p.down = true })
	h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{JWKSURL: p.URL})
	token := func() response {
		t.Helper()
		return tokenLogin(t, h, signToken(t, jose.ES256, ecKey(), "ec", validClaims(h, nil)))
	}
	for range 5 {
		if got := token().expect(t, 503, "", "issuer"); got.Header.Get("Retry-After") != "10" {
			t.Errorf("Retry-After %q", got.Header.Get("Retry-After"))
		}
	}
	if p.requestCount() != 1 {
		t.Errorf("an issuer that is down got %d requests", p.requestCount())
	}
	p.change(func() { p.down = false })
	h.Clock.Advance(11 * time.Second)
	token().session(t)
	p.change(func() { p.down = true })
	h.Clock.Advance(12 * time.Hour)
	token().session(t)
	h.Clock.Advance(13 * time.Hour)
	token().expect(t, 503, "", "issuer")
	for _, path := range []string{"/away", "/large"} {
		other := startWithIssuer(t, api.CustomToken, app.TokenIssuer{JWKSURL: p.URL + path})
		tokenLogin(t, other, signToken(t, jose.ES256, ecKey(), "ec", validClaims(other, nil))).expect(t, 503, "", "issuer")
	}
	plain := startWithIssuer(t, api.CustomToken, app.TokenIssuer{JWKSURL: "http://192.0.2.1/keys"})
	tokenLogin(t, plain, signToken(t, jose.ES256, ecKey(), "ec", validClaims(plain, nil))).expect(t, 503, "", "issuer")
	if !strings.Contains(plain.Log.String(), "expected an https URL") {
		t.Error("the log does not contain the reason")
	}
}

// ID tokens sign in with oauth2-…. Authorization codes and access tokens of the identity provider are refused.
func TestIDToken(t *testing.T) {
	p := startIssuer(t, jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "g", Algorithm: "RS256", Use: "sig"})
	google := app.TokenIssuer{
		Issuer: "https://accounts.google.com", JWKSURL: p.URL, Audience: []string{"web.apps.example.com",
			"phone.apps.example.com"}, AnyAudience: true,
		Metadata: []app.MetadataField{{Path: []string{"email"}, Field: "email"}, {Path: []string{"given_name"},
			Field: "first_name"}, {Path: []string{"picture"}, Field: "picture"}},
	}
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) {
		a.Providers["oauth2-google"] = app.Provider{Type: "oauth2-google", Token: google}
		a.Providers["oauth2-apple"] = app.Provider{Type: "oauth2-apple",
			Token: app.TokenIssuer{Issuer: "https://appleid.apple.com", JWKSURL: p.URL, Audience: []string{"com.example"}}}
		a.Providers["oauth2-facebook"] = app.Provider{Type: "oauth2-facebook"}
	}})
	claims := func(more map[string]any) map[string]any {
		return validClaims(h, merged(map[string]any{"sub": "1089", "iss": "https://accounts.google.com",
			"aud": "web.apps.example.com", "email": "ada@example.com",
			"given_name": "Ada", "picture": "https://example.com/a.png", "hd": "example.com"}, more))
	}
	login := func(provider string, claims map[string]any, form string) response {
		t.Helper()
		return request(t, h, "POST", api.LoginPath(h.AppID, provider), "",
			loginBody(t, map[string]any{"id_token": signToken(t, jose.RS256, rsaKey(), "g", claims)}, form))
	}
	a := login("oauth2-google", claims(nil), "").session(t)
	for _, more := range []map[string]any{nil, {"iss": "accounts.google.com"}, {"aud": "phone.apps.example.com"}} {
		if again := login("oauth2-google", claims(more), "oauth2-google").session(t); again.ID != a.ID {
			t.Errorf("%v signs in as another user", more)
		}
	}
	data := getProfile(t, h, a)["data"].(map[string]any)
	if len(data) != 3 || data["email"] != "ada@example.com" || data["first_name"] != "Ada" ||
		data["picture"] != "https://example.com/a.png" {
		t.Errorf("data %v", data)
	}
	for _, more := range []map[string]any{{"iss": "appleid.apple.com"}, {"aud": h.AppID}, {"exp": 1}} {
		login("oauth2-google", claims(more), "").expect(t, 401, "AuthError", "unauthorized")
	}
	// The same subject at another identity provider is another user.
	apple := login("oauth2-apple", claims(map[string]any{"iss": "https://appleid.apple.com", "aud": "com.example"}),
		"oauth2-apple").session(t)
	if apple.ID == a.ID {
		t.Error("the subjects of two identity providers are one user")
	}
	login("oauth2-apple", claims(map[string]any{"iss": "appleid.apple.com", "aud": "com.example"}), "").expect(t, 401,
		"AuthError", "unauthorized")

	for provider, sent := range map[string]string{"oauth2-google": `{"authCode":"4/abc"}`,
		"oauth2-facebook": `{"accessToken":"EAAB"}`} {
		request(t, h, "POST", api.LoginPath(h.AppID, provider), "", sent).expect(t, 400, "BadRequest",
			provider+" accepts only id tokens")
	}
	request(t, h, "POST", api.LoginPath(h.AppID, "oauth2-google"), "", `{}`).expect(t, 400, "MissingParameter",
		"'id_token'")
	request(t, h, "POST", api.LoginPath(h.AppID, "oauth2-facebook"), "", `{"id_token":"a.b.c"}`).expect(t, 404,
		"AuthProviderNotFound", "it has no verification keys")
	request(t, h, "POST", api.LoginPath(h.AppID, "oauth2-other"), "", `{"id_token":"a.b.c"}`).expect(t, 404,
		"AuthProviderNotFound", "oauth2-other not found")
}

// The same settings in an application directory have the same effect.
func TestTokenProvidersOfApplicationDirectory(t *testing.T) {
	p := startIssuer(t, jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "g", Algorithm: "RS256", Use: "sig"})
	files := storetest.With(t, app.Demo(), map[string]string{
		"functions/config.json": `[{"name":"writeCustomUserData"},{"name":"whoIsIt","private":true}]`,
		"functions/whoIsIt.js":  `exports = payload => payload.who;`,
		"auth/keys.json": string(mustKey(json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
			{Key: edKey().Public(), KeyID: "ed"},
		}}))),
		"auth/providers.json": `{
			"custom-token": {"type": "custom-token", "config": {"jwkFile": "auth/keys.json", "audience": ["a", "b"], "requireAnyAudience": true},
				"metadata_fields": [{"required": true, "name": "info.e\\.mail", "field_name": "email"}]},
			"custom-function": {"type": "custom-function", "config": {"authFunctionName": "whoIsIt"}},
			"oauth2-google": {"type": "oauth2-google", "config": {"clientId": "web.example.com", "openId": true, "issuer": "https://accounts.google.com", "jwkURI": "` + p.URL + `"},
				"metadata_fields": [{"required": true, "name": "email"}, {"name": "first_name"}]}
		}`,
	})
	h := backendtest.StartWith(t, backendtest.Options{Files: files})
	token := signToken(t, jose.EdDSA, edKey(), "ed",
		validClaims(h, map[string]any{"aud": "b", "info": map[string]any{"e.mail": "ada@example.com"}}))
	if data := getProfile(t, h, tokenLogin(t, h, token).session(t))["data"].(map[string]any); len(data) != 1 ||
		data["email"] != "ada@example.com" {
		t.Errorf("custom-token: data %v", data)
	}
	functionLogin(t, h, `{"who":"ada"}`).session(t)
	id := signToken(t, jose.RS256, rsaKey(), "g", validClaims(h, map[string]any{"iss": "accounts.google.com",
		"aud": "web.example.com", "email": "ada@example.com", "given_name": "Ada"}))
	a := request(t, h, "POST", api.LoginPath(h.AppID, "oauth2-google"), "", loginBody(t, map[string]any{"id_token": id},
		"")).session(t)
	if data := getProfile(t, h, a)["data"].(map[string]any); len(data) != 2 || data["email"] != "ada@example.com" ||
		data["first_name"] != "Ada" {
		t.Errorf("oauth2-google: data %v", data)
	}
}

// Concurrent first sign-ins of one subject in two processes create one user.
func TestConcurrentFirstSignInsCreateOneUser(t *testing.T) {
	h := startWithIssuer(t, api.CustomToken, app.TokenIssuer{Algorithm: "HS256",
		Keys: []app.TokenKey{app.NewTokenKey(secret)}, Metadata: []app.MetadataField{{Path: []string{"n"}, Field: "n"}}})
	processes := []*backendtest.Harness{h, h.StartSecond(t)}
	ids := make([]string, 12)
	var all sync.WaitGroup
	for n := range ids {
		all.Go(func() {
			token := signToken(t, jose.HS256, []byte(secret), "", validClaims(h, map[string]any{"n": n}))
			ids[n] = tokenLogin(t, processes[n%2], token).session(t).ID
		})
	}
	all.Wait()
	if slices.Sort(ids); ids[0] == "" || ids[0] != ids[len(ids)-1] {
		t.Errorf("signed in as %v", ids)
	}
	for _, name := range []string{"users", "identities"} {
		if n, err := h.ServiceCollection(name).Count(t.Context(), nil, 0); err != nil || n != 1 {
			t.Errorf("%d %s, %v", n, name, err)
		}
	}
	last := tokenLogin(t, h, signToken(t, jose.HS256, []byte(secret), "",
		validClaims(h, map[string]any{"n": "last"}))).session(t)
	if data := getProfile(t, h, last)["data"].(map[string]any); len(data) != 1 || data["n"] != "last" {
		t.Errorf("data %v", data)
	}
}

// FuzzTokenLogin: no token signs in or causes a status of 5xx.
func FuzzTokenLogin(f *testing.F) {
	h := startWithIssuer(f, api.CustomToken, app.TokenIssuer{Algorithm: "", Keys: []app.TokenKey{app.NewTokenKey(secret),
		app.NewTokenKey(publicPEM(ecKey().Public()))},
		Metadata: []app.MetadataField{{Path: []string{"a", "b"}, Field: "b"}, {Path: []string{"c"}, Field: "c"}}})
	for _, claims := range []string{`{}`, `null`, `[]`, `7`, `{"sub":"x","exp":1e300,"aud":[]}`,
		`{"sub":{"a":1},"exp":9e18,"nbf":-1e30}`, `{"exp":"1","iat":null,"c":{"a":1e999}}`,
		`{"aud":"` + h.AppID + `","sub":"x","exp":1900000000000,"c":{"b":[1,null,{"x":"\u0000"}]},"a":{"b":9223372036854775808}}`, `{"a":` + strings.Repeat("[", 20000)} {
		f.Add(`{"alg":"HS256"}`, claims, true)
		f.Add(`{"alg":"ES256","kid":["x"]}`, claims, false)
	}
	f.Add(`{"alg":"none"}`, `{}`, false)
	f.Add(`{"alg":["HS256"],"crit":{}}`, `{}`, true)
	f.Fuzz(func(t *testing.T, header, claims string, sign bool) {
		b64 := base64.RawURLEncoding.EncodeToString
		text := b64([]byte(header)) + "." + b64([]byte(claims))
		signature := []byte("no signature")
		if sign {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(text))
			signature = mac.Sum(nil)
		}
		got := tokenLogin(t, h, text+"."+b64(signature))
		if got.Status != 200 && got.Status != 401 && got.Status != 413 {
			t.Errorf("%s %s: %d %s", header, claims, got.Status, got.Body)
		}
		if got.Status == 200 && !sign {
			t.Errorf("%s %s signed in without a signature", header, claims)
		}
	})
}
