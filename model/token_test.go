package model

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

func tokenOf(payload string) string {
	return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
}

func TestParseToken(t *testing.T) {
	got, err := ParseToken(tokenOf(`{"baas_device_id":"000000000000000000000000","exp":1686842231,"iat":{"$numberLong":"1686840431"},"iss":"s1","sub":"u1","typ":"access",
		"user_data":{"_id":"5f1e000000000000000000aa","age":{"$numberInt":"13"},"gone":{"$undefined":true},"at":{"$date":{"$numberLong":"0"}},"unusual":{"$oid":"x"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got.UserID != "u1" || got.SessionID != "s1" || got.DeviceID != "000000000000000000000000" {
		t.Errorf("ids: %q %q %q", got.UserID, got.SessionID, got.DeviceID)
	}
	if !got.IssuedAt.Equal(time.Unix(1686840431, 0)) || got.ExpiresAt.Sub(got.IssuedAt) != 30*time.Minute {
		t.Errorf("times: %v %v", got.IssuedAt, got.ExpiresAt)
	}
	const want = `{"_id":"5f1e000000000000000000aa","age":{"$numberInt":"13"},"gone":{"$undefined":true},"at":{"$date":{"$numberLong":"0"}},"unusual":{"$oid":"x"}}`
	if CanonicalJSON(got.CustomData) != want {
		t.Errorf("custom data: %s", CanonicalJSON(got.CustomData))
	}
	for _, printed := range []string{fmt.Sprint(got), fmt.Sprintf("%+v", got), fmt.Sprintf("%#v", got)} {
		if printed != "token ••••" {
			t.Errorf("a token is printed as %s", printed)
		}
	}
}

func TestParseTokenWithoutData(t *testing.T) {
	for payload, tooLarge := range map[string]bool{
		`{"sub":"u","exp":2,"iat":1.0}`:                                     false,
		`{"exp":2,"iat":1}`:                                                 false,
		`{"sub":"u","exp":2,"iat":1,"user_data":null}`:                      false,
		`{"sub":"u","exp":2,"iat":1,"` + ClaimTooLarge + `":true}`:          true,
		`{"sub":"u","exp":{"$numberDouble":"2"},"iat":{"$numberInt":"1"} }`: false,
	} {
		got, err := ParseToken(tokenOf(payload))
		if err != nil || got.CustomData != nil || got.TooLarge != tooLarge {
			t.Errorf("%s: %q %v %v", payload, got.CustomData, got.TooLarge, err)
		}
	}
}

func TestParseTokenErrors(t *testing.T) {
	for token, want := range map[string]string{
		"":                                       "expected header, payload and signature, got 1 parts",
		"a.b":                                    "got 2 parts",
		"a.b.":                                   "signature: it is empty",
		"a.*.c":                                  "payload: it is not base64url",
		tokenOf(`[]`):                            "payload: it is not a JSON object",
		tokenOf(`{"exp":1}`):                     "claim iat: expected whole seconds",
		tokenOf(`{"sub":1}`):                     "claim sub: expected a string, got type int",
		tokenOf(`{"sub":"u"}`):                   "claim iat: expected whole seconds",
		strings.Repeat("a", 1<<21):               "it has 2097152 bytes, the maximum is 1048576",
		tokenOf(`{"sub":"u","iat":1}`):           "claim exp: expected whole seconds",
		tokenOf(`{"sub":"u","iat":1,"exp":"2"}`): "claim exp: expected whole seconds",
		tokenOf(`{"sub":"u","iat":1,"exp":2.5}`): "claim exp: expected whole seconds",
		tokenOf(`{"sub":"u","iat":1,"exp":1e300}`):              "claim exp: expected whole seconds",
		tokenOf(`{"sub":"u","iat":1,"exp":2,"user_data":[]}`):   "claim user_data: expected a document, got type array",
		tokenOf(`{"sub":"u","iat":1,"exp":2,"iss":{"a":true}}`): "claim iss: expected a string",
	} {
		if _, err := ParseToken(token); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseToken: %v, want %s", err, want)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(`{"sub":"u","iat":1,"exp":2,"user_data":{"a":1}}`)
	f.Add(`{"sub":"u","iat":{"$numberLong":"1"},"exp":2}`)
	f.Fuzz(func(t *testing.T, payload string) {
		_, _ = ParseToken(payload)
		got, err := ParseToken(tokenOf(payload))
		if err == nil && got.CustomData != nil && got.CustomData.Validate() != nil {
			t.Fatalf("%s was parsed to %q %x", payload, got.UserID, []byte(got.CustomData))
		}
	})
}
