package queue

import (
	"os"
	"testing"

	"dragoman/translator/store/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	if location := os.Getenv(childLocation); location != "" {
		os.Exit(childMain(location))
	}
	os.Exit(postgrestest.Main(m).Run())
}
