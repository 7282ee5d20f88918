package backend_test

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"
	"time"

	"dossier/backend"
	"dossier/backend/app"
	"dossier/backend/backendtest"
	"dossier/backend/store"
)

func TestStartReportsWhatIsMissing(t *testing.T) {
	h := backendtest.Start(t)
	sources := map[string]*store.Deployment{"mongodb-atlas": h.Deployment}
	good := backend.Config{App: h.App, ServiceDeployment: h.Deployment, Sources: sources, Now: time.Now,
		Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	if _, err := backend.Start(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*backend.Config){
		"App is required":                      func(c *backend.Config) { c.App = nil },
		"ServiceDeployment is required":        func(c *backend.Config) { c.ServiceDeployment = nil },
		`data source "mongodb-atlas"`:          func(c *backend.Config) { c.Sources = nil },
		"Now, Random and Log are required":     func(c *backend.Config) { c.Now = nil },
		"expected 1m0s to 5h0m0s":              func(c *backend.Config) { c.TokenLife = time.Second },
		"invalid access token lifetime 6h0m0s": func(c *backend.Config) { c.TokenLife = 6 * time.Hour },
	} {
		c := good
		change(&c)
		if _, err := backend.Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestRegisterWithoutProviders(t *testing.T) {
	h := backendtest.StartWith(t, backendtest.Options{EditApp: func(a *app.App) { a.Providers = nil }})
	id, err := h.Service.Register(t.Context(), "demo@example.com", "demo-password")
	if err != nil {
		t.Fatal(err)
	}
	u, err := h.Service.Directory().User(t.Context(), id)
	if err != nil || u == nil || u.Data.Lookup("email").StringValue() != "demo@example.com" || len(u.Identities) != 1 {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := h.Service.Register(t.Context(), "demo@example.com", "demo-password"); err == nil ||
		!strings.Contains(err.Error(), "already in use") {
		t.Errorf("twice: %v", err)
	}
}
