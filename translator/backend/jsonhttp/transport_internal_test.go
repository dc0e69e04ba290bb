package jsonhttp

import (
	"net/url"
	"testing"
)

// No test can change what localhost is for this machine's resolver: what the
// dialer asks before it connects is asked here.
func TestDialsThisMachineOnly(t *testing.T) {
	t.Parallel()
	for address, ours := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "192.0.2.1:80": false, "169.254.169.254:80": false, "0.0.0.0:80": false, "localhost:80": false,
	} {
		err := dialer(Options{}, &url.URL{Scheme: "http", Host: "localhost"}).Control("tcp", address, nil)
		if (err == nil) != ours {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, base := range []string{"https://localhost", "http://mt.desk.example"} {
		if u, err := url.Parse(base); err != nil || dialer(Options{}, u).Control != nil {
			t.Errorf("%s: where it connects is not for us to say: its certificate or its operator does; %v", base, err)
		}
	}
}
