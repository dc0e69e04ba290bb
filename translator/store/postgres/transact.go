package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// errUnknown says that the connection was lost while a transaction was being
// committed, so that only a look tells whether it was.
var errUnknown = errors.New("it may have been carried out")

// An unknownError is not tried again: see transact.
type unknownError struct{ cause error }

func (e *unknownError) Error() string   { return errUnknown.Error() + ": " + plain(e.cause).Error() }
func (e *unknownError) Unwrap() []error { return []error{errUnknown, e.cause} }

// begin bounds what a transaction waits for, so that it does not keep its
// connection from others: it is tried again.
var begin = pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL lock_timeout = '3s'"}

// transact runs do in a transaction, again if it is lost. It may take as long as
// Options.Answer for each thousand that it is about. Where twice is not
// set, one whose commit was not answered is not run again: do would find its
// own work done and take it for another's.
func (s *Store) transact(ctx context.Context, doing string, size int, twice bool, do func(context.Context, pgx.Tx) error) error {
	answer := s.answer * time.Duration(1+size/1000)
	return s.retryWithin(ctx, doing, answer, true, func(ctx context.Context, _ bool) error {
		tx, err := s.pool.BeginTx(ctx, begin)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) // of no effect once it is committed
		if err := do(ctx, tx); err != nil {
			return err
		}
		err = tx.Commit(ctx)
		if err != nil && !twice && cutOff(err) {
			return &unknownError{err}
		}
		return err
	})
}
