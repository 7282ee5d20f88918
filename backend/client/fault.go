package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dossier/backend/api"
	"dossier/model"
)

// unauthorized is the cause in the fault of a 401 response.
type unauthorized struct{ code, message string }

func (u *unauthorized) Error() string { return u.message }

// refreshable reports whether refreshing the access token may help. It does not help for the 401 of wrong credentials
// when signing in or linking.
func (u *unauthorized) refreshable() bool {
	switch u.code {
	case api.CodeInvalidPassword, api.CodeAuthError, api.CodeUserDisabled, api.CodeAuthProviderNotFound:
		return false
	}
	return true
}

// uncertain is the cause in the fault of a request that may have been executed although no valid response arrived.
type uncertain struct {
	err   error
	ended bool // the service itself responded with an error: it does not execute the request later
}

func (l *uncertain) Error() string { return l.err.Error() }
func (l *uncertain) Unwrap() error { return l.err }

// noResponseFault returns the fault for a request without a response.
func (c *Client) noResponseFault(op, base string, err error) *model.Fault {
	host := base
	if u, parse := url.Parse(base); parse == nil {
		host = u.Host
	}
	f := &model.Fault{Kind: model.Unreachable, Op: op, Advice: "check the address and the network",
		Err: &uncertain{err: err}}
	var dns *net.DNSError
	var named *model.Fault
	switch {
	case errors.Is(err, context.Canceled):
		return &model.Fault{Kind: model.Failed, Op: op, Message: "cancelled before " + host + " answered",
			Err: &uncertain{err: context.Canceled}}
	case errors.As(err, &named): // from a transport of this program, more precise
		f.Kind, f.Message, f.Advice = named.Kind, named.Message, named.Advice
	case errors.Is(err, context.DeadlineExceeded):
		f.Message, f.Advice = host+" did not answer in time", "try again, or check the service"
	case explainCertificate(f, host, err):
	case errors.As(err, &dns):
		f.Message = "unknown host " + dns.Name
	default:
		f.Message = host + " does not answer: " + rootCause(err)
	}
	c.forgetLocation()
	return f
}

// explainCertificate fills in the fault when err is about a certificate; false: it is not.
func explainCertificate(f *model.Fault, host string, err error) bool {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		f.Message, f.Advice = "the certificate of "+host+" is for other names: "+name.Error(), "check the address"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		f.Message, f.Advice = "the certificate of "+host+" is not valid now: "+invalid.Error(),
			"check the clock of this machine, or renew the certificate"
	case errors.As(err, &unknown), errors.As(err, &certificate):
		f.Message = "the certificate of " + host + " is not trusted: it is signed by an unknown authority"
		if !errors.As(err, &unknown) {
			f.Message = "the certificate of " + host + " is not trusted: " + rootCause(err)
		}
		f.Advice = "if the address is right, add the authority to the trusted certificates of this machine; on Linux " +
			"SSL_CERT_FILE may name a PEM file"
	default:
		return false
	}
	return true
}

// rootCause returns the text of the innermost error, such as "connection refused" without the addresses around it.
func rootCause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// responseFault returns the fault for a response with an error status.
func responseFault(op string, res *http.Response, body []byte) *model.Fault {
	failure := parseFailure(body)
	host := res.Request.URL.Host
	f := &model.Fault{Kind: model.Failed, Op: op, Message: failure.Error, Code: failure.ErrorCode}
	if f.Message == "" {
		f.Message = fmt.Sprintf("%s answered %d %s, which is not a response of the client API", host, res.StatusCode,
			http.StatusText(res.StatusCode))
		f.Advice = "check the address"
	}
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized:
		f.Err = &unauthorized{failure.ErrorCode, failure.Error}
	case status == http.StatusTooManyRequests:
		f.Kind, f.Message = model.Throttled, "too many failed attempts; the service asks the client to wait"
		f.Advice = "try again " + retryTime(res.Header.Get("Retry-After"))
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		f.Kind, f.Err = model.Unreachable, &uncertain{err: fmt.Errorf("status %d", status)}
		f.Message = fmt.Sprintf("the service at %s is temporarily unavailable", host)
		if failure.Error != "" {
			f.Message += ": " + failure.Error
		}
		f.Advice = "try again " + retryTime(res.Header.Get("Retry-After"))
	case status == http.StatusNotImplemented:
	case status >= 500:
		f.Err = &uncertain{err: fmt.Errorf("status %d", status), ended: failure.ErrorCode != ""}
	case isDenied(status, failure):
		f.Kind = model.PermissionDenied
		f.Advice = "add a rule that allows it, or use a function of the application"
	case status == http.StatusRequestEntityTooLarge:
		f.Kind, f.Message, f.Advice = model.Failed, "the document is larger than the service accepts", ""
	}
	return f
}

// isDenied reports whether a response means missing permission. Services report this differently.
func isDenied(status int, failure api.ErrorResponse) bool {
	return status == http.StatusForbidden || failure.ErrorCode == api.CodeNoMatchingRuleFound ||
		strings.Contains(failure.Error, "not permitted") || strings.Contains(failure.Error, "rule not matched")
}

// retryTime returns a Retry-After header as text.
func retryTime(header string) string {
	if n, err := strconv.Atoi(header); err == nil && n > 0 {
		return "in " + (time.Duration(n) * time.Second).String()
	}
	return "later"
}

// asUnauthorized returns the cause of a 401 response.
func asUnauthorized(err error) (*unauthorized, bool) {
	var u *unauthorized
	return u, errors.As(err, &u)
}

// neverSent reports whether no connection was established, so that the request was certainly not executed.
func neverSent(err error) bool {
	var dial *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &dial) && dial.Op == "dial"
}

// mayHaveArrived reports whether a failed request may have been executed nevertheless.
func mayHaveArrived(err error) bool {
	var l *uncertain
	return errors.As(err, &l)
}

// mayStillRun reports whether a failed request may be executed even after the error: what was read since then does not
// show that it was not.
func mayStillRun(err error) bool {
	var l *uncertain
	return errors.As(err, &l) && !l.ended && !neverSent(err)
}

func signedOutFault(op string) *model.Fault {
	return &model.Fault{Kind: model.SignedOut, Op: op, Message: "the session has ended", Advice: "sign in again",
		Code: api.CodeInvalidSession}
}
