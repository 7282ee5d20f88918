package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/address"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/description"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"
)

// explain converts an error of the driver to an *Error. op is the operation ("update") and where the namespace; either
// may be empty.
func (d *Deployment) explain(op, where string, err error) error {
	if err == nil {
		return nil
	}
	var done *Error
	if errors.As(err, &done) {
		return done
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Kind: Other, Message: "canceled before " + d.name + " replied", Err: err}
	}
	if code, message, ok := serverError(err); ok {
		return d.explainCode(op, where, code, message, err)
	}
	return d.explainNetwork(op, err)
}

// serverError returns the first code and message of a server from the driver's error types.
func serverError(err error) (int, string, bool) {
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

// explainCode builds the Error for a server's code. The server's message is used only if it cannot quote a command that
// contains user data.
func (d *Deployment) explainCode(op, where string, code int, message string, err error) error {
	e := &Error{Kind: kindOfCode(code, message), Code: code, Err: err}
	target := op
	if where != "" {
		target += " in " + where
	}
	switch e.Kind {
	case BadCredentials:
		if code == 13 {
			e.Message = fmt.Sprintf("%s requires a user and a password; add them to the connection string", d.name)
			break
		}
		e.Message = fmt.Sprintf("%s refused the user or the password of the connection string", d.name)
	case NotPermitted:
		e.Message = fmt.Sprintf("the database user may not %s; ask its administrator for a role", target)
	case Duplicate:
		e.Message = fmt.Sprintf("%s: Duplicate key error%s", target, duplicateIndex(message))
	case Unreachable, Busy:
		e.Message = fmt.Sprintf("%s cannot %s now: %s", d.name, target, firstLine(message))
	default:
		e.Message = fmt.Sprintf("%s: %s", target, firstLine(message))
	}
	return e
}

// Servers that emulate MongoDB on PostgreSQL may return PostgreSQL's codes in binary form: from foreign up.
const (
	postgresCodes = 1 << 24
	deadlock      = 16908292 // 40P01
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
	case 2, 3, 4, 9, 14, 15, 16, 17, 21, 28, 34, 40, 52, 53, 54, 55, 56, 57, 58, 66, 67, 72, 73, 121, 146, 165, 166, 168,
		171, 192, 10334:
		return BadQuery
	}
	if code >= 15000 && code < postgresCodes { // numbered assertions of the query, update and pipeline parsers
		return BadQuery
	}
	return Other
}

// duplicateIndex names the index of a duplicate key error, without the key, which is user data.
func duplicateIndex(message string) string {
	_, rest, ok := strings.Cut(message, "index: ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, " ")
	return " (index " + name + ")"
}

// explainNetwork builds the Error for a missing reply.
func (d *Deployment) explainNetwork(op string, err error) error {
	var se topology.ServerSelectionError
	if errors.As(err, &se) {
		return d.explainSelection(se.Desc, err)
	}
	if kind, reason := d.networkReason(err); reason != "" {
		return &Error{Kind: kind, Message: d.name + ": " + reason, Err: err}
	}
	if mongo.IsTimeout(err) || errors.Is(err, context.DeadlineExceeded) {
		return d.unreachable(d.name+" did not reply in time", err)
	}
	if mongo.IsNetworkError(err) {
		return d.unreachable("the connection to "+d.name+" broke", err)
	}
	var waiting driver.RetryablePoolError // waited for a connection when another one broke: nothing was sent
	if errors.As(err, &waiting) {
		return d.unreachable("the connections to "+d.name+" broke", err)
	}
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return d.unreachable("the connection to "+d.name+" is closed", err)
	}
	return &Error{Kind: BadQuery, Message: op + ": " + firstLine(err.Error()), Err: err}
}

// explainSelection lists each host's failure. The kind is the hosts' common kind, or Unreachable if they differ.
func (d *Deployment) explainSelection(found description.Topology, err error) *Error {
	byAddress := map[string]description.Server{}
	for _, server := range found.Servers {
		byAddress[server.Addr.String()] = server
	}
	e := &Error{Err: err}
	var reasons []string
	for _, host := range d.hosts(found) {
		kind, reason := d.hostReason(byAddress, host, found.Kind)
		if len(reasons) > 0 && kind != e.Kind {
			kind = Unreachable
		}
		e.Kind = kind
		reasons = append(reasons, host+": "+reason)
	}
	e.Message = strings.Join(reasons, "; ")
	return e
}

// hosts returns the hosts of the connection string, or the discovered ones if it names an SRV record.
func (d *Deployment) hosts(found description.Topology) []string {
	if !d.srv {
		return strings.Split(d.name, ",")
	}
	var hosts []string
	for _, server := range found.Servers {
		hosts = append(hosts, server.Addr.String())
	}
	if hosts == nil {
		return []string{d.name}
	}
	return hosts
}

// hostReason explains why a host cannot be used. The driver drops a host from the topology if it replied but cannot be
// combined with the others.
func (d *Deployment) hostReason(
	servers map[string]description.Server, host string, kind description.TopologyKind,
) (Kind, string) {
	server, there := servers[address.Address(host).String()]
	switch {
	case !there && d.replicaSet != "":
		return Unreachable, fmt.Sprintf("not a member of replica set %q", d.replicaSet)
	case !there && kind == description.TopologyKindReplicaSetNoPrimary:
		return Unreachable, "not a member of the replica set"
	case !there:
		return Unreachable, "a single server, which cannot be combined with other hosts: name it alone"
	case errors.Is(server.LastError, context.DeadlineExceeded), errors.Is(server.LastError, os.ErrDeadlineExceeded):
		return d.noReply()
	case server.LastError != nil:
		if kind, reason := d.networkReason(server.LastError); reason != "" {
			return kind, reason
		}
		return Unreachable, firstLine(server.LastError.Error())
	case server.Kind == description.ServerKindRSSecondary:
		return Unreachable, "a secondary, and no primary is available"
	case server.Kind == description.ServerKindRSGhost:
		return Unreachable, "the replica set is not initialized"
	case server.Kind != description.Unknown:
		return Unreachable, fmt.Sprintf("a server of type %s, which does not accept writes", server.Kind)
	}
	return d.noReply()
}

func (d *Deployment) noReply() (Kind, string) {
	return Unreachable, "no reply (waited " + d.timeout.String() + ")"
}

// networkReason explains errors of dialing, DNS and TLS; the reason is empty for other errors.
func (d *Deployment) networkReason(err error) (Kind, string) {
	if reason := tlsReason(err); reason != "" {
		return TLS, reason
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return Unreachable, "unknown host " + dns.Name
	case errors.Is(err, syscall.ECONNREFUSED):
		return Unreachable, "connection refused, no MongoDB server listens there"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Unreachable, "no network route"
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) &&
		!errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE):
		return "", ""
	case d.connected:
		return Unreachable, "the server closed the connection"
	case d.tls:
		return TLS, "the server closed the connection during the TLS handshake; it may not support TLS: " +
			"remove `tls=true` from the connection string or use the server's TLS port"
	}
	return Unreachable, "the server closed the connection; " +
		"it may require TLS (add `tls=true`) or not be a MongoDB server"
}

// tlsReason explains errors of TLS handshakes and certificates; empty for other errors.
func tlsReason(err error) string {
	var (
		record    tls.RecordHeaderError
		alert     tls.AlertError
		unknown   x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		certifies *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &record):
		return "the server does not support TLS; remove `tls=true` from the connection string or use the server's TLS port"
	case errors.As(err, &host):
		return "the certificate is for another host name"
	case errors.As(err, &unknown):
		return "the certificate is signed by an unknown authority; set its CA certificate with `tlsCAFile=`"
	case errors.As(err, &invalid), errors.As(err, &certifies):
		return "the certificate has expired or is not yet valid"
	case errors.As(err, &alert):
		return "the server refused the TLS connection: " + alert.Error()
	}
	return ""
}

func (d *Deployment) unreachable(message string, err error) *Error {
	return &Error{Kind: Unreachable, Message: message, Err: err}
}

// firstLine returns the first line of a message, limited to a readable length.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}
