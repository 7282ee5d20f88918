package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
)

// Certificate is a certificate and its key in two PEM files. It is read again when the files have changed, so that a renewal needs no restart.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu        sync.Mutex
	pair      *tls.Certificate
	cert, key os.FileInfo // as they were when they were last read
}

// ReadCertificate reads the files; the error names the one that is not good.
func ReadCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	if _, err := c.changed(); err != nil {
		return nil, err
	}
	return c, c.read()
}

// changed notes how the files are and reports whether that is new.
func (c *Certificate) changed() (bool, error) {
	cert, err := os.Stat(c.certFile)
	if err != nil {
		return false, err
	}
	key, err := os.Stat(c.keyFile)
	if err != nil {
		return false, err
	}
	same := sameFile(cert, c.cert) && sameFile(key, c.key)
	c.cert, c.key = cert, key
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
	c.pair = &pair
	return nil
}

// certificate is the certificate for the next connection. Files that are not good, as in the middle of a renewal, leave the one before in use.
func (c *Certificate) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	is, err := c.changed()
	if err == nil && is {
		err = c.read()
	}
	if err != nil {
		c.log.Warn("the new certificate cannot be used: the one before stays", "error", err)
	} else if is {
		c.log.Info("a new certificate is used", "file", c.certFile)
	}
	return c.pair, nil
}

func (c *Certificate) tlsConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.certificate}
}
