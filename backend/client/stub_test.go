package client_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/client"
	"dossier/model"
)

const (
	userID      = "5f1f216e82df4a7979f9da93"
	appID       = "stub-abcde"
	profileJSON = `{"user_id":"` + userID +
		`","domain_id":"d","identities":[{"id":"i1","provider_type":"local-userpass","provider_data":{"email":"a@b.c"}}],` +
		`"data":{"email":"a@b.c"},"type":"normal","dossier":{"custom_user_data":{"enabled":true,"mongo_service_name":"mongodb-atlas","database_name":"app",` +
		`"collection_name":"custom_user_data","user_id_field":"userId"},"functions":["writeCustomUserData"]}}`
)

// stubService implements the protocol with fixed responses; tests replace single responses.
type stubService struct {
	*httptest.Server
	mu         sync.Mutex
	validToken string // the accepted access token; "" accepts all
	issued     int
	userData   string // user_data of the tokens issued from now on
	call       func(w http.ResponseWriter, name string, arg bson.Raw)
	watch      func(w http.ResponseWriter, r *http.Request)
	session    func(w http.ResponseWriter)
	login      func(w http.ResponseWriter, body bson.Raw)
	sessions   atomic.Int32
	rejected   atomic.Int32
	onReject   func() // called for each rejected token, if set
	calls      []string
	ended      []string // tokens of the requests to end a session
}

func newStub(t *testing.T) *stubService {
	t.Helper()
	s := &stubService{userData: `{"_id":"64b000000000000000000001","userId":"` + userID + `","favoriteColor":"pink"}`}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+api.LocationPath(appID), func(w http.ResponseWriter, r *http.Request) {
		respond(w, 200, `{"deployment_model":"LOCAL","location":"US-VA","hostname":"`+s.URL+`","ws_hostname":"ws://x"}`)
	})
	mux.HandleFunc("POST "+api.BasePath+"/app/{app}/auth/providers/{provider}/login", s.serveLogin)
	mux.HandleFunc("POST "+api.SessionPath, s.serveSession)
	mux.HandleFunc("DELETE "+api.SessionPath, func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.ended = append(s.ended, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		s.mu.Unlock()
		w.WriteHeader(204)
	})
	mux.HandleFunc("GET "+api.ProfilePath, s.requireToken(func(w http.ResponseWriter, r *http.Request) {
		respond(w, 200,
			profileJSON)
	}))
	mux.HandleFunc("POST "+api.CallPath(appID), s.requireToken(s.serveCall))
	mux.HandleFunc("GET "+api.CallPath(appID), s.requireToken(func(w http.ResponseWriter, r *http.Request) {
		s.watch(w,
			r)
	}))
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func respond(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

func (s *stubService) token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	data := ""
	if s.userData != "" {
		data = `,"user_data":` + s.userData
	}
	claims := fmt.Sprintf(`{"sub":%q,"iss":"s1","baas_device_id":"64b0000000000000000000d1","iat":%d,"exp":%d,"typ":"access"%s}`,
		userID, 1700000000+s.issued, 1700001800+s.issued, data)
	token := "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	if s.validToken != "" {
		s.validToken = token
	}
	return token
}

func (s *stubService) serveLogin(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	doc, err := api.ParseDocument(body)
	if err != nil {
		respond(w, 400, `{"error":"bad body"}`)
		return
	}
	if s.login != nil {
		s.login(w, doc)
		return
	}
	respond(w, 200, fmt.Sprintf(`{"access_token":%q,"refresh_token":"r.e.f","user_id":%q,"device_id":"64b0000000000000000000d1"}`, s.token(), userID))
}

func (s *stubService) serveSession(w http.ResponseWriter, r *http.Request) {
	s.sessions.Add(1)
	if s.session != nil {
		s.session(w)
		return
	}
	if r.Header.Get("Authorization") != "Bearer r.e.f" {
		respond(w, 401, `{"error":"invalid session: failed to find refresh token","error_code":"InvalidSession"}`)
		return
	}
	respond(w, 201, fmt.Sprintf(`{"access_token":%q}`, s.token()))
}

func (s *stubService) requireToken(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		valid := s.validToken
		s.mu.Unlock()
		if valid != "" && r.Header.Get("Authorization") != "Bearer "+valid {
			s.rejected.Add(1)
			if s.onReject != nil {
				s.onReject()
			}
			respond(w, 401, `{"error":"invalid session: access token expired","error_code":"InvalidSession"}`)
			return
		}
		next(w, r)
	}
}

func (s *stubService) serveCall(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c, err := api.ParseCall(body)
	if err != nil {
		respond(w, 400, `{"error":"bad call"}`)
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, c.Name)
	s.mu.Unlock()
	arg, _ := c.Argument()
	if s.call == nil {
		respond(w, 200, `null`)
		return
	}
	s.call(w, c.Name, arg)
}

func (s *stubService) callNames() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.calls, " ")
}

// expireTokens makes the service reject all tokens issued so far.
func (s *stubService) expireTokens() {
	s.mu.Lock()
	s.validToken = "no token issued yet"
	s.mu.Unlock()
}

func fixedTime() time.Time { return time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC) }

func (s *stubService) client(change ...func(*client.Options)) *client.Client {
	o := client.Options{BaseURL: s.URL, AppID: appID, Now: fixedTime, Transport: s.Client().Transport}
	for _, f := range change {
		f(&o)
	}
	return client.New(o)
}

func (s *stubService) signIn(t *testing.T, change ...func(*client.Options)) *client.User {
	t.Helper()
	user, err := s.client(change...).SignIn(t.Context(), passwordCredential("a@b.c", "secret-password"))
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func passwordCredential(email, password string) model.Credential {
	return model.Credential{Provider: "local-userpass", Fields: bson.D{{Key: "username", Value: email},
		{Key: "password", Value: password}}}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func timeoutContext(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}
