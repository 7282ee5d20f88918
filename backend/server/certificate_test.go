package server_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dossier/backend/api"
	"dossier/backend/backendtest"
	"dossier/backend/server"
)

// writeCertificate writes a certificate for 127.0.0.1 and its key into a directory.
func writeCertificate(t *testing.T, dir string, serial int64) (cert, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", private)
}

// With a certificate the service supports TLS 1.2 and later and HTTP/2, returns https in its location, and uses a
// renewed certificate without a restart.
func TestTLSWithRenewal(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writeCertificate(t, dir, 1)
	var log backendtest.Log
	certificate, err := server.ReadCertificate(certFile, keyFile, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	h := backendtest.Start(t)
	f, l := listen(t, application(h))
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- f.Serve(ctx, l, server.ServeOptions{Certificate: certificate, GracePeriod: time.Second})
	}()
	defer func() {
		end()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	serial := func() int64 {
		t.Helper()
		transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		r, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+l.Addr().String()+api.LocationPath(h.AppID), nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var at api.LocationResponse
		if err := json.NewDecoder(res.Body).Decode(&at); err != nil || at.Hostname != "https://"+l.Addr().String() ||
			at.WSHostname != "wss://"+l.Addr().String() {
			t.Errorf("location %+v, %v", at, err)
		}
		if res.ProtoMajor != 2 {
			t.Errorf("it speaks %s", res.Proto)
		}
		return res.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d", got)
	}
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true,
		MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("it speaks TLS 1.1")
	}
	if err := os.WriteFile(certFile, []byte("half a certi"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 1 || !strings.Contains(log.String(), certFile) {
		t.Errorf("in the middle of a renewal: certificate %d, log %s", got, log.String())
	}
	writeCertificate(t, dir, 2)
	if got := serial(); got != 2 {
		t.Errorf("after the renewal: certificate %d", got)
	}
}

func TestInvalidCertificates(t *testing.T) {
	cert, key := writeCertificate(t, t.TempDir(), 1)
	_, other := writeCertificate(t, t.TempDir(), 2)
	for name, c := range map[string]struct{ cert, key, want string }{
		"no certificate": {cert + ".not", key, cert + ".not"}, "no key": {cert, key + ".not", key + ".not"},
		"another's key": {cert, other, other}, "no PEM": {"certificate_test.go", key, "certificate_test.go"},
	} {
		if _, err := server.ReadCertificate(c.cert, c.key, slog.New(slog.DiscardHandler)); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
