package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
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

// unauthorized is the cause inside the fault of a 401.
type unauthorized struct{ code, message string }

func (u *unauthorized) Error() string { return u.message }

// renewable reports whether a fresh access token may help. Wrong credentials of a sign-in or a link come as 401 too, and renewing does not help there.
func (u *unauthorized) renewable() bool {
	switch u.code {
	case api.CodeInvalidPassword, api.CodeAuthError, api.CodeUserDisabled, api.CodeAuthProviderNotFound:
		return false
	}
	return true
}

// lost is the cause inside the fault of a call that may have arrived although no good answer came back.
type lost struct{ err error }

func (l *lost) Error() string { return l.err.Error() }
func (l *lost) Unwrap() error { return l.err }

// unanswered explains a call that got no answer.
func (c *Client) unanswered(op, base string, err error) *model.Fault {
	host := base
	if u, parse := url.Parse(base); parse == nil {
		host = u.Host
	}
	f := &model.Fault{Kind: model.Unreachable, Op: op, Advice: "check the address and the network", Err: &lost{err}}
	var dns *net.DNSError
	var named *model.Fault
	switch {
	case errors.Is(err, context.Canceled):
		return &model.Fault{Kind: model.Failed, Op: op, Message: "given up before " + host + " answered", Err: &lost{context.Canceled}}
	case errors.As(err, &named): // from a transport in this program that knows better
		f.Kind, f.Message, f.Advice = named.Kind, named.Message, named.Advice
	case errors.Is(err, context.DeadlineExceeded):
		f.Message, f.Advice = host+" did not answer in time", "try again, or check the service"
	case distrusted(f, host, err):
	case errors.As(err, &dns):
		f.Message = "the host name " + dns.Name + " is not known"
	default:
		f.Message = host + " does not answer: " + innermost(err)
	}
	c.forget()
	return f
}

// distrusted explains a certificate that is not trusted; false: it is not that.
func distrusted(f *model.Fault, host string, err error) bool {
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name):
		f.Message, f.Advice = "the certificate of "+host+" is for other names: "+name.Error(), "check the address"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		f.Message, f.Advice = "the certificate of "+host+" is not valid now: "+invalid.Error(), "check the clock here, or have it renewed"
	case errors.As(err, &unknown), errors.As(err, &certificate):
		f.Message = "the certificate of " + host + " is not trusted: nobody whom this machine trusts has signed it"
		if !errors.As(err, &unknown) {
			f.Message = "the certificate of " + host + " is not trusted: " + innermost(err)
		}
		f.Advice = "if it is the right service, have this machine trust who signed the certificate; on Linux SSL_CERT_FILE can name a PEM file of theirs"
	default:
		return false
	}
	return true
}

// innermost is the last cause: "connection refused" without the layers of addresses around it.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// refused explains an answer that is not a success.
func refused(op string, res *http.Response, body []byte) *model.Fault {
	said := failureOf(body)
	host := res.Request.URL.Host
	f := &model.Fault{Kind: model.Failed, Op: op, Message: said.Error, Code: said.ErrorCode}
	if f.Message == "" {
		f.Message = fmt.Sprintf("%s answered %d %s, which is not what the client API answers", host, res.StatusCode, http.StatusText(res.StatusCode))
		f.Advice = "check the address"
	}
	switch status := res.StatusCode; {
	case status == http.StatusUnauthorized:
		f.Err = &unauthorized{said.ErrorCode, said.Error}
	case status == http.StatusTooManyRequests:
		f.Kind, f.Message = model.Throttled, "too many failures; the service wants a pause"
		f.Advice = "try again " + pause(res.Header.Get("Retry-After"))
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		f.Kind, f.Err = model.Unreachable, &lost{fmt.Errorf("status %d", status)}
		f.Message = fmt.Sprintf("the service at %s cannot work at the moment", host)
		if said.Error != "" {
			f.Message += ": " + said.Error
		}
		f.Advice = "try again " + pause(res.Header.Get("Retry-After"))
	case status == http.StatusNotImplemented:
	case status >= 500:
		f.Err = &lost{fmt.Errorf("status %d", status)}
	case denied(status, said):
		f.Kind = model.PermissionDenied
		f.Advice = "the application's rules must allow it, or one of its functions can do it"
	case status == http.StatusRequestEntityTooLarge:
		f.Kind, f.Message, f.Advice = model.Failed, "the document is larger than the service takes", ""
	}
	return f
}

// failureOf reads the body of an error, as far as it is one: services differ, and a proxy between may have written its own.
func failureOf(body []byte) (said api.ErrorResponse) {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return said
	}
	text := func(key string) string { s, _ := fields[key].(string); return s }
	said.Error, said.ErrorCode, said.Link = text("error"), text("error_code"), text("link")
	if said.Error == "" {
		said.Error = cmp.Or(text("message"), said.ErrorCode)
	}
	return said
}

// denied recognises a permission failure; services differ in how they say it.
func denied(status int, said api.ErrorResponse) bool {
	return status == http.StatusForbidden || said.ErrorCode == api.CodeNoMatchingRuleFound ||
		strings.Contains(said.Error, "not permitted") || strings.Contains(said.Error, "rule not matched")
}

// pause puts a Retry-After header in words.
func pause(header string) string {
	if n, err := strconv.Atoi(header); err == nil && n > 0 {
		return "in " + (time.Duration(n) * time.Second).String()
	}
	return "later"
}

// is401 returns the cause of a refused token.
func is401(err error) (*unauthorized, bool) {
	var u *unauthorized
	return u, errors.As(err, &u)
}

// neverSent reports that no connection was made, so that nothing can have arrived.
func neverSent(err error) bool {
	var dial *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &dial) && dial.Op == "dial"
}

// mayHaveArrived reports whether a call that failed may have been carried out all the same.
func mayHaveArrived(err error) bool {
	var l *lost
	return errors.As(err, &l)
}

func signedOut(op string) *model.Fault {
	return &model.Fault{Kind: model.SignedOut, Op: op, Message: "the session has ended", Advice: "sign in again", Code: api.CodeInvalidSession}
}
