package main

import (
	"context"
	"errors"

	"dragoman/translator"
)

// A register is what commands ask of a store about submitted stories. That its
// transactions are of one database or another is hidden here.
type register interface {
	translator.Stories
	Load(ctx context.Context, ids []translator.VersionID) ([]translator.Version, error)
}

// registerOf returns the register of a store.
func registerOf(db database) (register, error) {
	if r, ok := db.(register); ok {
		return r, nil
	}
	err := translator.NewError("store", translator.Unsupported, errors.New("the store ram: ends with its process, and what was submitted to it with it"))
	err.Hint = "name a file or a PostgreSQL database with --store, or use dragoman translate"
	return nil, err
}
