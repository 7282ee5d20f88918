package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"
)

// explain turns an error of the driver into an *Error. op says what was attempted, in words ("update"), and where is the namespace; either may be empty.
func (d *Deployment) explain(op, where string, err error) error {
	if err == nil {
		return nil
	}
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Kind: Other, Message: "the call was given up before " + d.name + " answered", Err: err}
	}
	if code, message, ok := serverSays(err); ok {
		return d.explainCode(op, where, code, message, err)
	}
	return d.explainNetwork(op, err)
}

// serverSays takes the first code and sentence that a server sent out of the driver's many error types.
func serverSays(err error) (int, string, bool) {
	var we mongo.WriteException
	if errors.As(err, &we) {
		if len(we.WriteErrors) > 0 {
			return we.WriteErrors[0].Code, we.WriteErrors[0].Message, true
		}
		if we.WriteConcernError != nil {
			return we.WriteConcernError.Code, we.WriteConcernError.Message, true
		}
	}
	var be mongo.BulkWriteException
	if errors.As(err, &be) {
		if len(be.WriteErrors) > 0 {
			return be.WriteErrors[0].Code, be.WriteErrors[0].Message, true
		}
		if be.WriteConcernError != nil {
			return be.WriteConcernError.Code, be.WriteConcernError.Message, true
		}
	}
	var ce mongo.CommandError
	if errors.As(err, &ce) && ce.Code != 0 {
		return int(ce.Code), ce.Message, true
	}
	return 0, "", false
}

// explainCode says what a server's code means. The server's own sentence is used only where it cannot quote a whole command with somebody's data in it.
func (d *Deployment) explainCode(op, where string, code int, message string, err error) error {
	e := &Error{Kind: kindOfCode(code, message), Code: code, Err: err}
	target := op
	if where != "" {
		target += " in " + where
	}
	switch e.Kind {
	case BadCredentials:
		if code == 13 {
			e.Message = fmt.Sprintf("%s wants a user and a password, and the connection string has none", d.name)
			break
		}
		e.Message = fmt.Sprintf("%s refused the user or the password of the connection string", d.name)
	case NotPermitted:
		e.Message = fmt.Sprintf("the database user may not %s; its administrator can grant a role for it", target)
	case Duplicate:
		e.Message = fmt.Sprintf("%s: Duplicate key error%s", target, duplicateOf(message))
	case Unreachable, Busy:
		e.Message = fmt.Sprintf("%s cannot %s at the moment: %s", d.name, target, firstLine(message))
	default:
		e.Message = fmt.Sprintf("%s: %s", target, firstLine(message))
	}
	return e
}

// A database on PostgreSQL that speaks MongoDB's language may pass PostgreSQL's codes on, in their binary form: from foreign up.
const (
	foreign  = 1 << 24
	deadlock = 16908292 // 40P01
)

func kindOfCode(code int, message string) Kind {
	switch code {
	case 1: // an internal error; FerretDB says so where PostgreSQL gave up one of two calls that waited for each other
		if strings.Contains(message, "deadlock detected") {
			return Busy
		}
	case 18, 11, 334:
		return BadCredentials
	case 8000: // Atlas and its proxies
		if strings.Contains(strings.ToLower(message), "auth") && !strings.Contains(message, "not allowed") {
			return BadCredentials
		}
		return NotPermitted
	case 13:
		if strings.Contains(message, "requires authentication") {
			return BadCredentials
		}
		return NotPermitted
	case 31:
		return NotPermitted
	case 11000, 11001, 12582:
		return Duplicate
	case 6, 7, 50, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436, 13388:
		return Unreachable
	case 112, 117, 276, 12586, 12587, deadlock:
		return Busy
	case 59, 115, 238, 303, 323, 40573, 20, 136, 280, 286:
		return Unsupported
	case 2, 3, 4, 9, 14, 15, 16, 17, 21, 28, 34, 40, 52, 53, 54, 55, 56, 57, 58, 66, 67, 72, 73, 121, 146, 165, 166, 168, 171, 192, 10334:
		return BadQuery
	}
	if code >= 15000 && code < foreign { // the numbered assertions of the query, update and pipeline parsers
		return BadQuery
	}
	return Other
}

// duplicateOf names the index that refused a value, without the value, which is somebody's data.
func duplicateOf(message string) string {
	_, rest, ok := strings.Cut(message, "index: ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, " ")
	return " (index " + name + ")"
}

// explainNetwork says why nobody answered.
func (d *Deployment) explainNetwork(op string, err error) error {
	var se topology.ServerSelectionError
	if errors.As(err, &se) {
		for _, server := range se.Desc.Servers {
			if e := d.explainCause(server.LastError); e != nil {
				e.Err = err
				return e
			}
		}
		return d.unreachable("no MongoDB server answers at "+d.name+" (waited "+d.timeout.String()+")", err)
	}
	if e := d.explainCause(err); e != nil {
		return e
	}
	if mongo.IsTimeout(err) || errors.Is(err, context.DeadlineExceeded) {
		return d.unreachable(d.name+" did not answer in time", err)
	}
	if mongo.IsNetworkError(err) {
		return d.unreachable("the connection to "+d.name+" broke", err)
	}
	var waiting driver.RetryablePoolError // it waited for a connection when another one broke: nothing was sent
	if errors.As(err, &waiting) {
		return d.unreachable("the connections to "+d.name+" broke", err)
	}
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return d.unreachable("the connection to "+d.name+" is closed", err)
	}
	return &Error{Kind: BadQuery, Message: op + ": " + firstLine(err.Error()), Err: err}
}

// explainCause explains the errors of dialing, resolving and encrypting; nil when it is none of these.
func (d *Deployment) explainCause(err error) *Error {
	var (
		dns       *net.DNSError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		unknown   x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		certifies *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &record):
		return &Error{Kind: TLS, Message: "the server at " + d.name + " does not speak TLS; take `tls=true` out of the connection string or use the server's TLS port", Err: err}
	case errors.As(err, &host):
		return &Error{Kind: TLS, Message: "the certificate of " + d.name + " is for another host name", Err: err}
	case errors.As(err, &unknown):
		return &Error{Kind: TLS, Message: "the certificate of " + d.name + " is signed by nobody this machine trusts; name its authority with `tlsCAFile=`", Err: err}
	case errors.As(err, &invalid), errors.As(err, &certifies):
		return &Error{Kind: TLS, Message: "the certificate of " + d.name + " is not valid now", Err: err}
	case errors.As(err, &alert):
		return &Error{Kind: TLS, Message: "the server at " + d.name + " refused the TLS connection: " + alert.Error(), Err: err}
	case errors.As(err, &dns):
		return d.unreachable("the host name "+dns.Name+" is not known to the DNS", err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return d.unreachable("no MongoDB server answers at "+d.name+" (connection refused)", err)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return d.unreachable("there is no way through the network to "+d.name, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return d.unreachable("the server at "+d.name+" ended the connection; it may want TLS (`tls=true`) or be no MongoDB", err)
	}
	return nil
}

func (d *Deployment) unreachable(message string, err error) *Error {
	return &Error{Kind: Unreachable, Message: message, Err: err}
}

// firstLine keeps a server's sentence to one line of a readable length.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}
