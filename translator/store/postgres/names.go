package postgres

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"dragoman/translator"
)

// names caches what ids stand for, both ways. An id that was committed never
// changes its meaning, so the cache is only ever added to: of two who load at
// the same time the one that is done last may have seen less.
type names struct {
	mu         sync.RWMutex
	signatures map[int32]translator.Signature
	directions map[int32]translator.Direction
	ids        sync.Map // of name to int32
}

// fill puts signature and direction into a row, or marks it damaged if its ids mean nothing.
func (n *names) fill(ctx context.Context, pool *pgxpool.Pool, r *row) error {
	if n.find(r) {
		return nil
	}
	if err := n.load(ctx, pool); err != nil {
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
func (n *names) load(ctx context.Context, pool *pgxpool.Pool) error {
	signatures := map[int32]translator.Signature{}
	directions := map[int32]translator.Direction{}
	rows, err := pool.Query(ctx, `SELECT id, text, NULL FROM signatures UNION ALL SELECT id, source, target FROM directions`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int32
		var a, b []byte
		if err := rows.Scan(&id, &a, &b); err != nil {
			return err
		}
		if b == nil {
			signatures[id] = translator.Signature(a)
		} else {
			directions[id] = translator.Direction{From: translator.Lang(a), To: translator.Lang(b)}
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

// A name is a row of one of the tables of names.
type name struct {
	table table
	a, b  string // b is empty but for a direction
}

// A table is one of the tables of names.
type table int

const (
	signatureTable table = iota
	directionTable
	runTable
)

// tables are the statements that make a name, if it is new, and find it.
var tables = [...]struct{ add, find string }{
	signatureTable: {
		`INSERT INTO signatures (text) SELECT $1 WHERE NOT EXISTS (SELECT FROM signatures WHERE text = $1) ON CONFLICT DO NOTHING`,
		`SELECT id FROM signatures WHERE text = $1`,
	},
	directionTable: {
		`INSERT INTO directions (source, target) SELECT $1, $2
			WHERE NOT EXISTS (SELECT FROM directions WHERE source = $1 AND target = $2) ON CONFLICT DO NOTHING`,
		`SELECT id FROM directions WHERE source = $1 AND target = $2`,
	},
	runTable: {
		`INSERT INTO runs (name) SELECT $1 WHERE NOT EXISTS (SELECT FROM runs WHERE name = $1) ON CONFLICT DO NOTHING`,
		`SELECT id FROM runs WHERE name = $1`,
	},
}

func signatureName(s translator.Signature) name { return name{signatureTable, string(s), ""} }

func directionName(d translator.Direction) name {
	return name{directionTable, string(d.From), string(d.To)}
}

func runName(run string) name { return name{runTable, run, ""} }

func (n name) args() []any {
	if n.table == directionTable {
		return []any{[]byte(n.a), []byte(n.b)}
	}
	return []any{[]byte(n.a)}
}

// id returns the id of a name that ensure has been asked for.
func (n *names) id(of name) int32 {
	id, _ := n.ids.Load(of)
	return id.(int32)
}

// ensure sees that names have ids. It asks the database only for those that
// this process sees the first time, in a transaction of their own, so that a
// name stays when what it was made for fails.
func (n *names) ensure(ctx context.Context, pool *pgxpool.Pool, wanted ...name) error {
	var missing []name
	for _, w := range wanted {
		if _, ok := n.ids.Load(w); !ok {
			missing = append(missing, w)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	// In order, so that two processes that make the same ones do not wait for each other.
	slices.SortFunc(missing, func(a, b name) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
	missing = slices.Compact(missing)
	batch := &pgx.Batch{}
	found := make([]int32, len(missing))
	for i, m := range missing {
		batch.Queue(tables[m.table].add, m.args()...)
		batch.Queue(tables[m.table].find, m.args()...).QueryRow(func(row pgx.Row) error { return row.Scan(&found[i]) })
	}
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for i, m := range missing {
		n.ids.Store(m, found[i])
	}
	return nil
}
