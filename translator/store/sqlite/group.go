package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
)

// groupSize bounds the operations of one transaction, and with it how long the
// first of them waits for the last.
const groupSize = 8

// A group lets operations share a transaction, and so the one sync to the disk
// that a small operation mostly consists of. Those that come while a
// transaction is under way wait in a queue, and run in its order in the next
// one. Whoever of them gets the turn runs it for all.
type group struct {
	turn  chan struct{} // held by the one who runs a transaction
	mu    sync.Mutex
	queue []*operation
}

func newGroup() group { return group{turn: make(chan struct{}, 1)} }

// An operation is one caller's part of a transaction. Its err is written
// before done is closed and not after.
type operation struct {
	do     func(context.Context, *sql.Tx, *nameIDs) error
	ids    *nameIDs
	err    error
	broken any // what do panicked with
	done   chan struct{}
}

// errBroken is the error of an operation that panicked.
var errBroken = errors.New("the operation panicked")

// run runs an operation. A panic of it must not reach whoever runs it for all,
// and with it leave the others waiting: it is given back to its own caller.
func (o *operation) run(ctx context.Context, tx *sql.Tx) (err error) {
	defer func() {
		if o.broken = recover(); o.broken != nil {
			err = errBroken
		}
	}()
	return o.do(ctx, tx, o.ids)
}

// write runs do in a transaction that holds the file's write lock from its
// first statement, and so never fails halfway because another process wrote.
// When write returns nil, what do wrote is on the disk; when it returns an
// error, nothing of it is there. It may run do twice, the first time in vain.
// Once do has begun ctx does not stop it: an interrupted statement would take
// back the whole transaction. The context that do is given is nobody's.
func (s *Store) write(ctx context.Context, doing string, do func(context.Context, *sql.Tx, *nameIDs) error) error {
	op := &operation{do: do, done: make(chan struct{})}
	s.group.enter(op)
	for waiting := true; waiting; {
		select {
		case <-op.done:
			waiting = false
		case <-ctx.Done():
			if s.group.leave(op) {
				return ctx.Err()
			}
			waiting = false // it has begun, and ends soon
		case s.group.turn <- struct{}{}:
			s.transact(ctx)
			<-s.group.turn
		}
	}
	<-op.done
	if op.broken != nil {
		panic(op.broken)
	}
	return s.fail(context.WithoutCancel(ctx), doing, op.err)
}

// transact runs the operations that are waiting, if any, in one transaction.
// Should one of them fail, it takes back the others' work with it, and each is
// run again in a transaction of its own. That is rare. A savepoint for each
// would copy every page before it is changed, which cost a third of the rows a second.
// If ctx ends before the transaction has begun, they wait for another's turn.
func (s *Store) transact(ctx context.Context) {
	if s.group.empty() {
		return
	}
	tx, err := s.begin(ctx)
	if err != nil && ctx.Err() != nil {
		return
	}
	ops := s.group.take()
	if err != nil {
		s.finish(ops, err)
		return
	}
	err = s.run(tx, ops)
	if err == nil || len(ops) == 1 {
		s.finish(ops, err)
		return
	}
	for i := range ops {
		s.alone(ops[i : i+1])
	}
}

// alone runs one operation in its own transaction.
func (s *Store) alone(op []*operation) {
	tx, err := s.begin(context.Background())
	if err == nil {
		err = s.run(tx, op)
	}
	s.finish(op, err)
}

// begin begins a transaction that ctx ends no more once it has begun.
func (s *Store) begin(ctx context.Context) (*sql.Tx, error) {
	begun, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	tx, err := s.writer.BeginTx(begun, nil)
	if err == nil && !stop() {
		return nil, errors.Join(ctx.Err(), tx.Rollback())
	}
	return tx, err
}

// run runs operations one after the other and commits, or does nothing.
func (s *Store) run(tx *sql.Tx, ops []*operation) error {
	defer tx.Rollback()
	ctx := context.Background()
	for _, op := range ops {
		op.ids = s.newNameIDs(ctx, tx)
		if err := op.run(ctx, tx); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.folder.committed()
	return nil
}

// finish tells those who wait for operations what became of them.
func (s *Store) finish(ops []*operation, err error) {
	for _, op := range ops {
		if op.err = err; err == nil {
			op.ids.keep()
		}
		close(op.done)
	}
}

func (g *group) enter(op *operation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue = append(g.queue, op)
}

// leave takes an operation out of the queue, if it is still there.
func (g *group) leave(op *operation) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.queue, op)
	if i >= 0 {
		g.queue = slices.Delete(g.queue, i, i+1)
	}
	return i >= 0
}

func (g *group) empty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.queue) == 0
}

// take takes the first operations out of the queue.
func (g *group) take() []*operation {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.queue), groupSize)
	ops := slices.Clone(g.queue[:n])
	g.queue = slices.Delete(g.queue, 0, n)
	return ops
}
