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
)

// How long the hosted service let a secret of HS256 be, in bytes.
const (
	minSecret = 32
	maxSecret = 512
)

// tokenConfig is what the config of a provider says about tokens; issuer and jwkFile are dossier's own keys, and jwkURI beside
// oauth2-… too.
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

// customToken reads the settings of custom-token; false where nobody can sign in with it.
func (r *reader) customToken(s *providerConfig, into *TokenIssuer) bool {
	i := r.tokenConfig(s)
	jwk := i.useJWK || i.jwkFile != ""
	if jwk && i.Algorithm == "HS256" { // what the export left there: a published key is never a secret
		i.Algorithm = ""
	}
	if a := i.Algorithm; !slices.Contains([]string{"HS256", "RS256", "ES256", "EdDSA"}, a) && !(jwk && a == "") {
		s.file.invalid(s.key("config.signingAlgorithm"), "wants HS256, RS256, ES256 or EdDSA, has %q", a)
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

// openID reads the settings of oauth2-…: people sign in with an id token that the issuer signed for this client.
func (r *reader) openID(s *providerConfig, into *TokenIssuer) bool {
	i := r.tokenConfig(s)
	if len(s.secret) > 0 {
		s.file.unsupported(s.key("secret_config"), "id tokens are checked by the issuer's published keys; it has no effect")
	}
	own := i.jwkURI != "" || i.jwkFile != ""
	switch issuer, keys := wellKnownIssuer(s.kind); {
	case own && i.Issuer == "":
		s.file.invalid(s.key("config.issuer"), "is missing: whose id tokens are believed")
		return false
	case own:
	case issuer == "":
		s.disable("", "dossier signs in by id tokens only, and knows no issuer of them: give config.issuer and config.jwkURI")
		return false
	default:
		if i.Issuer == "" {
			i.Issuer = issuer
		}
		i.jwkURI = keys
	}
	if s.kind == "oauth2-google" && !i.openID && !own {
		s.disable("config.openId", "is not true, and dossier signs in by id tokens only")
		return false
	}
	if i.clientID != "" {
		i.Audience = append([]string{i.clientID}, i.Audience...)
	}
	if len(i.Audience) == 0 {
		s.file.invalid(s.key("config.clientId"), "is missing: for which client the id tokens are")
		return false
	}
	i.AnyAudience = true
	ok := r.keySource(s, &i)
	*into = i.TokenIssuer
	return ok
}

// wellKnownIssuer gives the issuer of id tokens behind a provider, and where it publishes its keys; "": none.
func wellKnownIssuer(kind string) (issuer, keys string) {
	switch kind {
	case "oauth2-google":
		return "https://accounts.google.com", "https://www.googleapis.com/oauth2/v3/certs"
	case "oauth2-apple":
		return "https://appleid.apple.com", "https://appleid.apple.com/auth/keys"
	}
	return "", ""
}

// keySource reads where an issuer publishes its keys: an address, or a file of the application directory.
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

// checkKeyURL refuses addresses from which keys could be forged on their way.
func checkKeyURL(text string) error {
	if text == "" {
		return fmt.Errorf("is missing")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return fmt.Errorf("wants an address such as https://example.com/jwks.json, has %q", text)
	}
	ip := net.ParseIP(u.Hostname())
	if here := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(); u.Scheme == "https" || u.Scheme == "http" && here {
		return nil
	}
	return fmt.Errorf("wants https, has %q", text)
}

func (r *reader) keyFile(s *providerConfig, i *tokenConfig) bool {
	key := s.key("config.jwkFile")
	if !fs.ValidPath(i.jwkFile) || !r.exists(i.jwkFile) {
		s.file.invalid(key, "there is no file %q in the application directory", i.jwkFile)
		return false
	}
	r.referencedFiles[i.jwkFile] = true
	text, ok := r.readFile(i.jwkFile, maxFile)
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if ok && (json.Unmarshal(text, &set) != nil || len(set.Keys) == 0) {
		s.file.invalid(key, "%s is no set of keys: it wants {\"keys\": […]}", i.jwkFile)
		return false
	}
	i.JWKSFile = string(text)
	return ok
}

// signingKeys looks up the secrets that custom-token names.
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
			place := at
			if e.Key == "signingKeys" {
				place = fmt.Sprintf("%s[%d]", at, i)
			}
			names++
			text, ok := r.options.Secret(name)
			if !ok {
				f.unsupported(place, "the secret %q is not known: set %s; tokens signed with it are refused", name, SecretVariable(name))
				continue
			}
			if err := checkKeyFormat(algorithm, text); err != nil {
				f.invalid(place, "the secret %q (%s) %v", name, SecretVariable(name), err)
				continue
			}
			keys = append(keys, NewTokenKey(text))
		}
	}
	switch {
	case names == 0:
		f.invalid(s.key("secret_config.signingKeys"), "is missing: the names of the secrets that tokens are signed with")
	case len(keys) == 0:
		s.disable("secret_config.signingKeys", "none of the secrets is known")
	}
	return keys
}

// checkKeyFormat makes sure that a secret is a key of its algorithm, as far as its form goes.
func checkKeyFormat(algorithm, text string) error {
	isPEM := strings.Contains(text, "-----BEGIN ")
	switch {
	case algorithm != "HS256" && !isPEM:
		return fmt.Errorf("is no public key in PEM")
	case algorithm == "HS256" && isPEM:
		return fmt.Errorf("is a key in PEM; HS256 wants a secret")
	case algorithm == "HS256" && (len(text) < minSecret || len(text) > maxSecret):
		return fmt.Errorf("has %d characters; HS256 wants %d to %d", len(text), minSecret, maxSecret)
	}
	return nil
}

// metadata reads what of a token is copied into the person's data.
func (r *reader) metadata(s *providerConfig) []MetadataField {
	if s.metadata == nil {
		return nil
	}
	f := s.file
	list, ok := s.metadata.(bson.A)
	if !ok {
		f.invalid(s.metadataAt, "wants an array, has %s", describe(s.metadata))
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
			f.invalid(joinKey(at, "name"), "wants the path of a claim, has %q", name)
			continue
		}
		if m.Field == "" {
			m.Field = m.Path[len(m.Path)-1]
		}
		if strings.ContainsAny(m.Field, ".$\x00") {
			f.invalid(joinKey(at, "field_name"), "wants a field's name, has %q", m.Field)
			continue
		}
		if slices.ContainsFunc(out, func(o MetadataField) bool { return o.Field == m.Field }) {
			f.invalid(at, "the field %q is filled twice", m.Field)
			continue
		}
		if strings.HasPrefix(s.kind, openID) {
			m.Path = idTokenClaim(m.Path)
		}
		out = append(out, m)
	}
	return out
}

// splitPath splits a dotted path; `\.` is a dot in a name.
func splitPath(name string) []string {
	parts := strings.Split(strings.ReplaceAll(name, `\.`, "\x00"), ".")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "\x00", ".")
	}
	return parts
}

// idTokenClaim gives the claim of an id token for what the layout calls a person's names.
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
