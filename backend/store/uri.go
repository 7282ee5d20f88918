package store

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Hosts returns the hosts of a connection string for display, without credentials, or what is wrong with it.
func Hosts(uri string) (string, error) { return checkURI(uri) }

// checkURI reports what is wrong with a connection string, with its place, and returns its hosts for display. It runs
// before the driver's check, whose messages name no place.
func checkURI(uri string) (string, error) {
	rest, srv := strings.CutPrefix(uri, "mongodb+srv://")
	if !srv {
		var ok bool
		if rest, ok = strings.CutPrefix(uri, "mongodb://"); !ok {
			return "", badURI("scheme: expected mongodb:// or mongodb+srv://")
		}
	}
	authority, options, hasOptions := strings.Cut(rest, "?")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := checkUser(authority[:at]); err != nil {
			return "", err
		}
		authority = authority[at+1:]
	}
	hosts, _, _ := strings.Cut(authority, "/")
	if err := checkHosts(hosts, srv); err != nil {
		return "", err
	}
	if hasOptions {
		if err := checkOptions(options); err != nil {
			return "", err
		}
	}
	return hosts, nil
}

func checkUser(info string) error {
	user, password, _ := strings.Cut(info, ":")
	if user == "" {
		return badURI("user name: empty before the @")
	}
	for _, part := range []struct{ name, text string }{{"user name", user}, {"password", password}} {
		if _, err := url.PathUnescape(part.text); err != nil || strings.ContainsAny(part.text, ":/?#[]@") {
			return badURI(part.name + `: the characters : / ? # [ ] @ % must be escaped as %3A %2F %3F %23 %5B %5D %40 %25`)
		}
	}
	return nil
}

func checkHosts(hosts string, srv bool) error {
	for i, host := range strings.Split(hosts, ",") {
		place := fmt.Sprintf("host %d", i+1)
		if host == "" {
			return badURI(place + ": missing")
		}
		if strings.HasSuffix(strings.ToLower(host), ".sock") {
			continue
		}
		name, port := host, ""
		if strings.HasPrefix(host, "[") {
			end := strings.IndexByte(host, ']')
			if end < 0 {
				return badURI(place + ": the [ of an IPv6 address is not closed")
			}
			name, port = host[:end+1], strings.TrimPrefix(host[end+1:], ":")
		} else if c := strings.LastIndexByte(host, ':'); c >= 0 {
			name, port = host[:c], host[c+1:]
			if port == "" {
				return badURI(place + ": missing port after the colon")
			}
		}
		if name == "" || strings.ContainsAny(name, " :") && !strings.HasPrefix(name, "[") {
			return badURI(fmt.Sprintf("%s: %q is not a host name", place, host))
		}
		if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
			return badURI(fmt.Sprintf("%s: port %q is not a number from 1 to 65535", place, port))
		}
		if srv && (i > 0 || port != "") {
			return badURI(place + ": mongodb+srv:// accepts one host name without a port")
		}
	}
	return nil
}

func checkOptions(options string) error {
	for i, pair := range strings.FieldsFunc(options, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return badURI(fmt.Sprintf("option %d: expected name=value", i+1))
		}
		if value == "" {
			return badURI(fmt.Sprintf("option %s: missing value", key))
		}
		if _, err := url.QueryUnescape(value); err != nil {
			return badURI(fmt.Sprintf("option %s: write %% as %%25", key))
		}
	}
	return nil
}

func badURI(what string) error {
	return &Error{Kind: BadQuery, Message: "invalid connection string: " + what}
}

// uriError explains the driver's error about a connection string, without the password that the error may quote.
func uriError(uri string, err error) error {
	message := firstLine(err.Error())
	for _, prefix := range []string{"error parsing uri: ", "error validating uri: "} {
		message = strings.TrimPrefix(message, prefix)
	}
	if _, rest, ok := strings.Cut(uri, "://"); ok {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			if _, password, ok := strings.Cut(rest[:at], ":"); ok && password != "" {
				message = strings.ReplaceAll(message, password, "••••")
				if plain, err := url.PathUnescape(password); err == nil {
					message = strings.ReplaceAll(message, plain, "••••")
				}
			}
		}
	}
	if strings.Contains(message, "lookup ") {
		return &Error{Kind: Unreachable, Message: "DNS lookup of the connection string failed: " + message,
			Err: errors.New(message)}
	}
	return &Error{Kind: BadQuery, Message: "invalid connection string: " + message, Err: errors.New(message)}
}
