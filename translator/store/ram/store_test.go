package ram_test

import (
	"testing"

	"dragoman/translator"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Harness {
		return storetest.Harness{Store: ram.New()}
	})
}

func TestClaims(t *testing.T) {
	t.Parallel()
	storetest.RunClaims(t, func(*testing.T) (a, b translator.Claims, kill func()) {
		s := ram.New()
		first := s.Process()
		return first, s.Process(), first.End
	})
}
