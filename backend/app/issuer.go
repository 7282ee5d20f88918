package app

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/rules"
)

// The hosted service's limits of an HS256 secret, in bytes.
const (
	minSecret = 32
	maxSecret = 512
)

// tokenConfig is the configuration of accepted tokens. issuer and jwkFile are dossier's extensions, and so is jwkURI
// for oauth2-….
type tokenConfig struct {
	TokenIssuer
	clientID string
	openID   bool
	useJWK   bool
	jwkURI   string
	jwkFile  string
}

// tokenConfig reads the config of custom-token and oauth2-….
func (r *reader) tokenConfig(s *providerConfig) tokenConfig {
	f, out := s.file, tokenConfig{}
	for _, e := range s.config {
		key := s.key("config." + e.Key)
		switch e.Key {
		case "audience":
			out.Audience = f.stringList(key, e.Value)
		case "requireAnyAudience":
			out.AnyAudience = f.boolValue(key, e.Value)
		case "signingAlgorithm":
			out.Algorithm = f.stringValue(key, e.Value)
		case "useJWKURI":
			out.useJWK = f.boolValue(key, e.Value)
		case "jwkURI":
			out.jwkURI = f.stringValue(key, e.Value)
		case "jwkFile":
			out.jwkFile = f.stringValue(key, e.Value)
		case "issuer":
			out.Issuer = f.stringValue(key, e.Value)
		case "clientId":
			out.clientID = f.stringValue(key, e.Value)
		case "openId":
			out.openID = f.boolValue(key, e.Value)
		case "metadata_fields":
			s.metadata, s.metadataAt = e.Value, key
		default:
			f.ignored(key, e.Value)
		}
	}
	out.Metadata = r.metadata(s)
	return out
}

// customToken reads the settings of custom-token; false when the provider cannot be used.
func (r *reader) customToken(s *providerConfig, into *TokenIssuer) bool {
	i := r.tokenConfig(s)
	jwk := i.useJWK || i.jwkFile != ""
	if jwk && i.Algorithm == "HS256" { // a leftover of the export: a published key is not a secret
		i.Algorithm = ""
	}
	if a := i.Algorithm; !slices.Contains([]string{"HS256", "RS256", "ES256", "EdDSA"}, a) && !(jwk && a == "") {
		s.file.invalid(s.key("config.signingAlgorithm"), "expected HS256, RS256, ES256 or EdDSA, got %q", a)
		return false
	}
	usable := false
	if jwk {
		usable = r.keySource(s, &i)
	} else {
		i.Keys = r.signingKeys(s, i.Algorithm)
		usable = len(i.Keys) > 0
	}
	*into = i.TokenIssuer
	return usable
}

// openID reads the settings of oauth2-…: sign-in with an id token that the issuer signed for this client.
func (r *reader) openID(s *providerConfig, into *TokenIssuer) bool {
	i := r.tokenConfig(s)
	if len(s.secret) > 0 {
		s.file.unsupported(s.key("secret_config"),
			"id tokens are verified with the issuer's published keys; it has no effect")
	}
	custom := i.jwkURI != "" || i.jwkFile != ""
	switch issuer, keys := wellKnownIssuer(s.kind); {
	case custom && i.Issuer == "":
		s.file.invalid(s.key("config.issuer"), "is missing: the issuer of the id tokens")
		return false
	case custom:
	case issuer == "":
		s.disable("", "only sign-in by id token is supported, and the issuer is not known: set config.issuer and "+
			"config.jwkURI")
		return false
	default:
		if i.Issuer == "" {
			i.Issuer = issuer
		}
		i.jwkURI = keys
	}
	if s.kind == "oauth2-google" && !i.openID && !custom {
		s.disable("config.openId", "is not true, and only sign-in by id token is supported")
		return false
	}
	if i.clientID != "" {
		i.Audience = append([]string{i.clientID}, i.Audience...)
	}
	if len(i.Audience) == 0 {
		s.file.invalid(s.key("config.clientId"), "is missing: the client id in the id tokens")
		return false
	}
	i.AnyAudience = true
	ok := r.keySource(s, &i)
	*into = i.TokenIssuer
	return ok
}

// wellKnownIssuer returns a provider's issuer of id tokens and the URL of its key set; empty: unknown.
func wellKnownIssuer(kind string) (issuer, keys string) {
	switch kind {
	case "oauth2-google":
		return "https://accounts.google.com", "https://www.googleapis.com/oauth2/v3/certs"
	case "oauth2-apple":
		return "https://appleid.apple.com", "https://appleid.apple.com/auth/keys"
	}
	return "", ""
}

// keySource reads the location of the issuer's keys: a URL, or a file of the application directory.
func (r *reader) keySource(s *providerConfig, i *tokenConfig) bool {
	if i.jwkFile != "" {
		return r.keyFile(s, i)
	}
	if err := checkKeyURL(i.jwkURI); err != nil {
		s.file.invalid(s.key("config.jwkURI"), "%v", err)
		return false
	}
	i.JWKSURL = i.jwkURI
	return true
}

// checkKeyURL refuses URLs without transport security, except to this machine.
func checkKeyURL(text string) error {
	if text == "" {
		return fmt.Errorf("is missing")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is not a URL (example: https://example.com/jwks.json)", text)
	}
	ip := net.ParseIP(u.Hostname())
	if local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(); u.Scheme == "https" || u.Scheme == "http" &&
		local {
		return nil
	}
	return fmt.Errorf("expected https, got %q", text)
}

func (r *reader) keyFile(s *providerConfig, i *tokenConfig) bool {
	key := s.key("config.jwkFile")
	if !fs.ValidPath(i.jwkFile) || !r.exists(i.jwkFile) {
		s.file.invalid(key, "file not found in the application directory: %q", i.jwkFile)
		return false
	}
	r.referencedFiles[i.jwkFile] = true
	text, ok := r.readFile(i.jwkFile, maxFile)
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if ok && (json.Unmarshal(text, &set) != nil || len(set.Keys) == 0) {
		s.file.invalid(key, "%s is not a key set: expected {\"keys\": […]}", i.jwkFile)
		return false
	}
	i.JWKSFile = string(text)
	return ok
}

// signingKeys returns the secrets that custom-token names.
func (r *reader) signingKeys(s *providerConfig, algorithm string) []TokenKey {
	f := s.file
	var keys []TokenKey
	var names int
	for _, e := range s.secret {
		at := s.key("secret_config." + e.Key)
		if e.Key != "signingKeys" && e.Key != "signingKey" {
			f.ignored(at, e.Value)
			continue
		}
		for i, name := range f.stringList(at, e.Value) {
			location := at
			if e.Key == "signingKeys" {
				location = fmt.Sprintf("%s[%d]", at, i)
			}
			names++
			text, ok := r.options.Secret(name)
			if !ok {
				f.unsupported(location, "the secret %q is not set: set %s; tokens signed with it are refused", name,
					SecretVariable(name))
				continue
			}
			if err := checkKeyFormat(algorithm, text); err != nil {
				f.invalid(location, "the secret %q (%s) %v", name, SecretVariable(name), err)
				continue
			}
			keys = append(keys, NewTokenKey(text))
		}
	}
	switch {
	case names == 0:
		f.invalid(s.key("secret_config.signingKeys"), "is missing: the names of the secrets that sign tokens")
	case len(keys) == 0:
		s.disable("secret_config.signingKeys", "none of the secrets is set")
	}
	return keys
}

// checkKeyFormat checks that a secret has the form of a key of its algorithm.
func checkKeyFormat(algorithm, text string) error {
	isPEM := strings.Contains(text, "-----BEGIN ")
	switch {
	case algorithm != "HS256" && !isPEM:
		return fmt.Errorf("is not a public key in PEM")
	case algorithm == "HS256" && isPEM:
		return fmt.Errorf("is a key in PEM: HS256 requires a secret")
	case algorithm == "HS256" && (len(text) < minSecret || len(text) > maxSecret):
		return fmt.Errorf("has %d characters: HS256 requires %d to %d", len(text), minSecret, maxSecret)
	}
	return nil
}

// metadata reads which claims are copied into the user's data.
func (r *reader) metadata(s *providerConfig) []MetadataField {
	if s.metadata == nil {
		return nil
	}
	f := s.file
	list, ok := s.metadata.(bson.A)
	if !ok {
		f.invalid(s.metadataAt, "expected an array, got %s", rules.DescribeValue(s.metadata))
		return nil
	}
	var out []MetadataField
	for i, item := range list {
		at := fmt.Sprintf("%s[%d]", s.metadataAt, i)
		m, name := MetadataField{}, ""
		for _, e := range f.objectValue(at, item) {
			switch key := joinKey(at, e.Key); e.Key {
			case "required":
				m.Required = f.boolValue(key, e.Value)
			case "name":
				name = f.stringValue(key, e.Value)
			case "field_name":
				m.Field = f.stringValue(key, e.Value)
			default:
				f.ignored(key, e.Value)
			}
		}
		m.Path = splitPath(name)
		if slices.Contains(m.Path, "") {
			f.invalid(joinKey(at, "name"), "expected the path of a claim, got %q", name)
			continue
		}
		if m.Field == "" {
			m.Field = m.Path[len(m.Path)-1]
		}
		if strings.ContainsAny(m.Field, ".$\x00") {
			f.invalid(joinKey(at, "field_name"), "invalid field name %q", m.Field)
			continue
		}
		if slices.ContainsFunc(out, func(o MetadataField) bool { return o.Field == m.Field }) {
			f.invalid(at, "duplicate field %q", m.Field)
			continue
		}
		if strings.HasPrefix(s.kind, openID) {
			m.Path = idTokenClaim(m.Path)
		}
		out = append(out, m)
	}
	return out
}

// splitPath splits a dotted path; `\.` is a dot within a name.
func splitPath(name string) []string {
	parts := strings.Split(strings.ReplaceAll(name, `\.`, "\x00"), ".")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "\x00", ".")
	}
	return parts
}

// idTokenClaim maps the layout's names to claims of an id token.
func idTokenClaim(path []string) []string {
	if len(path) == 1 {
		switch path[0] {
		case "first_name":
			return []string{"given_name"}
		case "last_name":
			return []string{"family_name"}
		}
	}
	return path
}
