package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// Certificate is a TLS certificate and its private key in two PEM files. They are read again when they change, so that
// a renewal needs no restart.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu                sync.Mutex
	current           *tls.Certificate
	certInfo, keyInfo os.FileInfo // of the last reading
}

// ReadCertificate reads the files. The error names the one that is missing or invalid.
func ReadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	if _, err := c.filesChanged(); err != nil {
		return nil, err
	}
	return c, c.read()
}

// filesChanged reports whether a file has changed since the last call.
func (c *Certificate) filesChanged() (bool, error) {
	cert, err := os.Stat(c.certFile)
	if err != nil {
		return false, err
	}
	key, err := os.Stat(c.keyFile)
	if err != nil {
		return false, err
	}
	same := sameFile(cert, c.certInfo) && sameFile(key, c.keyInfo)
	c.certInfo, c.keyInfo = cert, key
	return !same, nil
}

func sameFile(a, b os.FileInfo) bool {
	return b != nil && os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

func (c *Certificate) read() error {
	cert, err := os.ReadFile(c.certFile)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.current = &pair
	return nil
}

// certificate returns the certificate for the next connection. While the files are invalid, as in the middle of a
// renewal, the previous one stays in use.
func (c *Certificate) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed, err := c.filesChanged()
	if err == nil && changed {
		err = c.read()
	}
	if err != nil {
		c.log.Warn("the new certificate is invalid: the previous one stays in use", "error", err)
	} else if changed {
		c.log.Info("a new certificate is in use", "file", c.certFile)
	}
	return c.current, nil
}

func (c *Certificate) tlsConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.certificate}
}
