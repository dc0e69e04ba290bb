package ram_test

import (
	"testing"

	"dragoman/translator/store/ram"
	"dragoman/translator/store/storetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Harness {
		return storetest.Harness{Store: ram.New()}
	})
}
