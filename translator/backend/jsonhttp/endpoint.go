package jsonhttp

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dragoman/translator"
)

// hostName is a DNS name in ASCII: a name in another script must be given in
// its xn-- form, so that two names that look alike are not taken for one.
var hostName = regexp.MustCompile(`^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// ParseEndpoint checks an endpoint's address: https, or http to this machine or to
// a host allowed by name; no user, query or fragment, and a host and port that
// can exist. Its error is Invalid, with a hint; name begins it.
func ParseEndpoint(name, endpoint string, allowHTTP []string) (*url.URL, error) {
	refuse := func(hint, format string, args ...any) (*url.URL, error) {
		return nil, &translator.Error{Op: name, Kind: translator.Invalid, Hint: hint, Err: fmt.Errorf(format, args...)}
	}
	const example = "set endpoint to an address such as https://translate.example.org"
	if strings.ContainsAny(endpoint, "@?#") { // not shown: it may hold a password or a key
		return refuse(example+"; keys go into key_file", "the endpoint may have no user, query or fragment")
	}
	u, err := url.Parse(endpoint)
	if err != nil || endpoint == "" || u.Host == "" || u.Opaque != "" {
		return refuse(example, "endpoint %q is no address", endpoint)
	}
	host := u.Hostname()
	if wrong := hostFlaw(host, u.Port(), u.Host); wrong != "" {
		return refuse(example, "endpoint %q: %s", endpoint, wrong)
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme != "http":
		return refuse(example, "endpoint %q is not of https", endpoint)
	case !Loopback(host) && !slices.ContainsFunc(allowHTTP, func(h string) bool { return strings.EqualFold(h, host) }):
		return refuse("use https, or add "+host+" to allow_http if the way to it is safe",
			"endpoint %q would send texts and key in the clear to another machine", endpoint)
	}
	return u, nil
}

// hostFlaw says what is wrong with a host and port, or "".
func hostFlaw(host, port, both string) string {
	_, err := netip.ParseAddr(host)
	if err != nil && (!hostName.MatchString(host) || len(host) > 253) {
		return "its host is no name or address"
	}
	if err != nil && strings.Trim(host[strings.LastIndexByte(host, '.')+1:], "0123456789") == "" {
		return "its host is an address written in an unusual way"
	}
	if n, err := strconv.Atoi(port); strings.HasSuffix(both, ":") || port != "" && (err != nil || n < 1 || n > 65535) {
		return "its port is none"
	}
	return ""
}

// Loopback tells whether a host is on this machine. A name other than localhost
// is not: whoever answers for it may change.
func Loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}
