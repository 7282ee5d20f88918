package store

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// checkURI finds what is wrong with a connection string and where, and returns its hosts for people.
// The driver's own check comes after it; this one exists because the driver's sentences name no place.
func checkURI(uri string) (string, error) {
	rest, srv := strings.CutPrefix(uri, "mongodb+srv://")
	if !srv {
		var ok bool
		if rest, ok = strings.CutPrefix(uri, "mongodb://"); !ok {
			return "", badURI("the scheme: wants mongodb:// or mongodb+srv://")
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
		return badURI("the user name: is empty before the @")
	}
	for _, part := range []struct{ name, text string }{{"the user name", user}, {"the password", password}} {
		if _, err := url.PathUnescape(part.text); err != nil || strings.ContainsAny(part.text, ":/?#[]@") {
			return badURI(part.name + `: the characters : / ? # [ ] @ % must be written as %3A %2F %3F %23 %5B %5D %40 %25`)
		}
	}
	return nil
}

func checkHosts(hosts string, srv bool) error {
	for i, host := range strings.Split(hosts, ",") {
		place := fmt.Sprintf("host %d", i+1)
		if host == "" {
			return badURI(place + ": is missing")
		}
		if strings.HasSuffix(strings.ToLower(host), ".sock") {
			continue
		}
		name, port := host, ""
		if strings.HasPrefix(host, "[") {
			end := strings.IndexByte(host, ']')
			if end < 0 {
				return badURI(place + ": the [ of an IPv6 address is never closed")
			}
			name, port = host[:end+1], strings.TrimPrefix(host[end+1:], ":")
		} else if c := strings.LastIndexByte(host, ':'); c >= 0 {
			name, port = host[:c], host[c+1:]
			if port == "" {
				return badURI(place + ": the port behind the colon is missing")
			}
		}
		if name == "" || strings.ContainsAny(name, " :") && !strings.HasPrefix(name, "[") {
			return badURI(fmt.Sprintf("%s: %q is no host name", place, host))
		}
		if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
			return badURI(fmt.Sprintf("%s: the port %q is no number from 1 to 65535", place, port))
		}
		if srv && (i > 0 || port != "") {
			return badURI(place + ": mongodb+srv:// takes one host name without a port")
		}
	}
	return nil
}

func checkOptions(options string) error {
	for i, pair := range strings.FieldsFunc(options, func(r rune) bool { return r == '&' || r == ';' }) {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return badURI(fmt.Sprintf("option %d: wants name=value", i+1))
		}
		if value == "" {
			return badURI(fmt.Sprintf("option %s: the value is missing", key))
		}
		if _, err := url.QueryUnescape(value); err != nil {
			return badURI(fmt.Sprintf("option %s: a %% must be written as %%25", key))
		}
	}
	return nil
}

func badURI(what string) error {
	return &Error{Kind: BadQuery, Message: "the connection string is malformed at " + what}
}

// uriError explains what the driver says about a connection string, without the password it may quote.
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
		return &Error{Kind: Unreachable, Message: "the DNS does not know the deployment of the connection string: " + message, Err: errors.New(message)}
	}
	return &Error{Kind: BadQuery, Message: "the connection string is not usable: " + message, Err: errors.New(message)}
}
