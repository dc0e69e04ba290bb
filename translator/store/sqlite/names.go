package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"dragoman/translator"
)

// names caches what the ids in a row stand for. An id that was committed never
// changes its meaning, so the cache is only ever added to.
type names struct {
	mu         sync.RWMutex
	signatures map[int64]translator.Signature
	directions map[int64]translator.Direction
}

// fill puts signature and direction into a row, or marks it damaged if its ids mean nothing.
func (n *names) fill(ctx context.Context, db *sql.DB, r *row) error {
	if n.find(r) {
		return nil
	}
	if err := n.load(ctx, db); err != nil {
		return err
	}
	r.damaged = !n.find(r)
	return nil
}

func (n *names) find(r *row) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	signature, hasSignature := n.signatures[r.signature]
	direction, hasDirection := n.directions[r.direction]
	r.entry.Origin.Signature, r.entry.Direction = signature, direction
	return hasSignature && hasDirection
}

// load reads all names, of which there are few: one per engine setting ever used.
func (n *names) load(ctx context.Context, db *sql.DB) error {
	signatures := map[int64]translator.Signature{}
	directions := map[int64]translator.Direction{}
	const query = `SELECT id, text, '' FROM signatures UNION ALL SELECT -id, source, target FROM directions`
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var a, b string
		if err := rows.Scan(&id, &a, &b); err != nil {
			return err
		}
		if id > 0 {
			signatures[id] = translator.Signature(a)
		} else {
			directions[-id] = translator.Direction{From: translator.Lang(a), To: translator.Lang(b)}
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.signatures, n.directions = signatures, directions
	return rows.Err()
}

// nameIDs gives out the ids of names within one transaction, making those that
// are new. It is not kept: a transaction that is rolled back takes its ids with it.
type nameIDs struct {
	ctx  context.Context
	tx   *sql.Tx
	seen map[string]int64
}

func newNameIDs(ctx context.Context, tx *sql.Tx) *nameIDs {
	return &nameIDs{ctx: ctx, tx: tx, seen: map[string]int64{}}
}

func (n *nameIDs) signature(s translator.Signature) (int64, error) {
	return n.id("SELECT id FROM signatures WHERE text = ?",
		"INSERT INTO signatures (text) VALUES (?)", string(s))
}

func (n *nameIDs) direction(d translator.Direction) (int64, error) {
	return n.id("SELECT id FROM directions WHERE source = ? AND target = ?",
		"INSERT INTO directions (source, target) VALUES (?, ?)", string(d.From), string(d.To))
}

func (n *nameIDs) run(name string) (int64, error) {
	return n.id("SELECT id FROM runs WHERE name = ?",
		"INSERT INTO runs (name) VALUES (?)", name)
}

func (n *nameIDs) id(find, add string, name ...any) (int64, error) {
	place := fmt.Sprintf("%s %q", find, name)
	if id, ok := n.seen[place]; ok {
		return id, nil
	}
	var id int64
	err := n.tx.QueryRowContext(n.ctx, find, name...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		var made sql.Result
		if made, err = n.tx.ExecContext(n.ctx, add, name...); err == nil {
			id, err = made.LastInsertId()
		}
	}
	if err != nil {
		return 0, err
	}
	n.seen[place] = id
	return id, nil
}
