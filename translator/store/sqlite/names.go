package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"sync"

	"dragoman/translator"
)

// names caches what the ids in a row stand for. An id that was committed never
// changes its meaning, so the cache is only ever added to: of two who load at
// the same time the one that is done last may have seen less.
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
	if err := rows.Err(); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.signatures == nil {
		n.signatures, n.directions = signatures, directions
	}
	maps.Copy(n.signatures, signatures)
	maps.Copy(n.directions, directions)
	return nil
}

// A name is a row of one of the tables of names. Find picks its table.
type name struct{ find, a, b string }

// nameIDs gives out the ids of names within one operation, making those that
// are new. What it finds or makes is kept for good once the transaction is
// committed: until then it may go again.
type nameIDs struct {
	ctx  context.Context
	tx   *sql.Tx
	seen map[name]int64
	kept *sync.Map // of name to int64
}

func (s *Store) newNameIDs(ctx context.Context, tx *sql.Tx) *nameIDs {
	return &nameIDs{ctx: ctx, tx: tx, seen: map[name]int64{}, kept: &s.ids}
}

// keep is called when the transaction is committed.
func (n *nameIDs) keep() {
	for of, id := range n.seen {
		n.kept.Store(of, id)
	}
}

func (n *nameIDs) signature(s translator.Signature) (int64, error) {
	return n.id(name{"SELECT id FROM signatures WHERE text = ?", string(s), ""},
		"INSERT INTO signatures (text) VALUES (?)", string(s))
}

func (n *nameIDs) direction(d translator.Direction) (int64, error) {
	return n.id(name{"SELECT id FROM directions WHERE source = ? AND target = ?", string(d.From), string(d.To)},
		"INSERT INTO directions (source, target) VALUES (?, ?)", string(d.From), string(d.To))
}

func (n *nameIDs) run(run string) (int64, error) {
	return n.id(name{"SELECT id FROM runs WHERE name = ?", run, ""},
		"INSERT INTO runs (name) VALUES (?)", run)
}

func (n *nameIDs) id(of name, add string, args ...any) (id int64, err error) {
	if id, ok := n.seen[of]; ok {
		return id, nil
	}
	if id, ok := n.kept.Load(of); ok {
		return id.(int64), nil
	}
	err = n.tx.QueryRowContext(n.ctx, of.find, args...).Scan(&id)
	if err == nil {
		n.seen[of] = id
		return id, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	made, err := n.tx.ExecContext(n.ctx, add, args...)
	if err != nil {
		return 0, err
	}
	if id, err = made.LastInsertId(); err == nil {
		n.seen[of] = id
	}
	return id, err
}
