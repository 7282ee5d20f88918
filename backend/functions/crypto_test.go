package functions

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"dossier/backend/api"
)

// keyPair generates an RSA key pair in PEM.
func keyPair(t *testing.T) (private, public string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return text("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), text("RSA PUBLIC KEY",
		x509.MarshalPKCS1PublicKey(&key.PublicKey))
}

func TestUtils(t *testing.T) {
	private, public := keyPair(t)
	w := newFixture(t, map[string]string{
		"run": `exports = (text, priv, pub) => { globalThis.priv = priv; globalThis.pub = pub; globalThis.key = "603082712271C525E087BD999A4E0738"; return eval(text) }`}, nil)
	keys := []string{quote(private), quote(public)}
	for text, want := range map[string]string{
		`utils.crypto.decrypt("aes", utils.crypto.encrypt("aes", "MongoDB is great!", key), key).text()`: `"MongoDB is great!"`,
		`utils.crypto.encrypt("aes", "MongoDB is great!", key).length()`:                                 `{"$numberInt":"45"}`,
		// Encrypted by App Services.
		`utils.crypto.decrypt("aes", BSON.Binary.fromBase64("WPBuIvJ6Bity43Uh822dW8QlVYVJaFUiDeUjlTiJXzptUuTYIKPlXekBQAJb"), key).text()`: `"MongoDB is great!"`,
		`utils.crypto.hmac("hello!", "super-secret", "sha256", "base64")`:                                                                 `"SUXd6PRMaTXXgBGaGsIHzaDWgTSa6C3D44lRGrvRak0="`,
		`utils.crypto.hash("sha256", "hello!").toBase64()`:                                                                                `"zgYJL7lI2f+sfRo3bkBLJrdXW8wR7gWkYV/vT+w6MIs="`,
		`utils.crypto.hash("md5", BSON.Binary.fromHex("00")).toHexString()`:                                                               `"93b885adfe0da089cdf634904fd59f71"`,
		`utils.crypto.verify("rsa", "m", pub, utils.crypto.sign("rsa", "m", priv))`:                                                       `true`,
		`utils.crypto.verify("rsa", "m", pub, utils.crypto.sign("rsa", "m", priv, "pkcs1v15"), "pkcs1v15")`:                               `true`,
		`utils.crypto.verify("rsa", "n", pub, utils.crypto.sign("rsa", "m", priv))`:                                                       `false`,
		`utils.jwt.decode(utils.jwt.encode("HS512", {sub: "1", iat: 5}, "SuperSecret"), "SuperSecret", false, ["HS512"])`:                 `{"iat":{"$numberInt":"5"},"sub":"1"}`,
		// A secret shorter than the hash, from https://jwt.io.
		`utils.jwt.decode("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c", "your-256-bit-secret").name`: `"John Doe"`,
		`utils.jwt.decode(utils.jwt.encode("RS256", {sub: "1"}, priv, {kid: "k"}), pub, true)`:                                                                                                                        `{"header":{"alg":"RS256","kid":"k","typ":"JWT"},"payload":{"sub":"1"}}`,
		`utils.jwt.decode(utils.jwt.encode("PS256", {sub: "1"}, priv), pub).sub`:                                                                                                                                      `"1"`,
	} {
		w.expect(want, "run", append([]string{quote(text)}, keys...)...)
	}
	for text, want := range map[string]string{
		`utils.crypto.encrypt("rot13", "m", key)`:                                                                    `unknown `,
		`utils.crypto.encrypt("aes", "m", "short")`:                                                                  `16, 24 or 32 bytes`,
		`utils.crypto.decrypt("aes", BSON.Binary.fromHex("00"), key)`:                                                `too short`,
		`utils.crypto.decrypt("aes", BSON.Binary.fromHex("00".repeat(40)), key)`:                                     `wrong key`,
		`utils.crypto.hash("sha256", 1)`:                                                                             `must be a string or bytes`,
		`const list = []; list.length = 2 ** 32 - 1; utils.crypto.hash("sha256", list)`:                              `must be a string or bytes`,
		`const list = []; list.length = 2 ** 32 - 1; utils.crypto.hash(list, "")`:                                    `must be a string`,
		`const list = []; list.length = 2 ** 32 - 1; BSON.Binary(list)`:                                              `expected bytes`,
		`utils.crypto.hmac("a", "b", "sha256", "base32")`:                                                            `unknown `,
		`utils.crypto.sign("rsa", "m", "no key")`:                                                                    `not an RSA private key`,
		`utils.jwt.encode("none", {}, "")`:                                                                           `unknown `,
		`utils.jwt.encode("HS256", {}, pub)`:                                                                         `cannot be used with HS256`,
		`utils.jwt.decode(utils.jwt.encode("HS256", {}, "a"), "b")`:                                                  `signature is invalid`,
		`utils.jwt.decode(utils.jwt.encode("HS256", {}, "a"), "a", false, ["RS256"])`:                                `is not accepted`,
		`utils.jwt.decode(utils.jwt.encode("HS256", {exp: 5}, "a"), "a")`:                                            `expired`,
		`utils.jwt.decode("x.y.z", "a")`:                                                                             `malformed`,
		`utils.jwt.decode(btoa('{"alg":"none"}').replace(/=/g, "") + "." + btoa("{}").replace(/=/g, "") + ".", "a")`: `not accepted`,
	} {
		if got := w.expectError(api.CodeFunctionExecutionError, "run", append([]string{quote(text)},
			keys...)...); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q", text, got, want)
		}
	}
}
