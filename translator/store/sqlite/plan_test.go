package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
)

// TestPlans sees that the statements that run for every page of sentences or
// every request go through an index, as they must in a store of millions.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), "d.db"), nil)
	ofStory1 := pickedBy(translator.Selection{Direction: direction, Story: "a"})
	ofBatch1 := pickedBy(translator.Selection{Batch: "night"})
	failed := pickedBy(translator.Selection{Direction: direction, States: []translator.State{translator.StateFailed}})
	lately := pickedBy(translator.Selection{States: []translator.State{translator.StateDone, translator.StatePartial}, Since: time.Unix(1, 0)})
	const ofStory = "SEARCH v USING INDEX sqlite_autoindex_versions_1 (story_id=? AND direction_id=?)"
	tests := []struct {
		query string
		args  []any
		want  string
	}{
		{lookupQuery(3), []any{"a", "b", "c"}, "SEARCH m USING INDEX sqlite_autoindex_memory_1 (key=?)"},
		{entriesQuery, []any{"a", 0, 1, page}, "SEARCH m USING INDEX sqlite_autoindex_memory_1 ((key,signature_id)>(?,?))"},
		{sumTotals, []any{0}, "SEARCH totals USING PRIMARY KEY (quarter>?)"},
		{sumTotals + ofRun, []any{0, "r"}, "SEARCH totals USING INDEX totals_run (run_id=? AND quarter>?)"},
		{sumLines, []any{0, 1}, "SEARCH lines USING INDEX lines_time (time>? AND time<?)"},
		{sumLines + ofRun, []any{0, 1, "r"}, "SEARCH lines USING INDEX lines_time (time>? AND time<?)"},
		{findQuarters, []any{"r"}, "SEARCH totals USING COVERING INDEX totals_run (run_id=?)"},
		{findLines, []any{0, 1}, "SEARCH lines USING COVERING INDEX lines_time (time>? AND time<?)"},
		{linesQuery, []any{1, 9, 0, 1, "r", journalPage}, "SEARCH l USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{sharesQuery, []any{1, 9}, "SEARCH h USING PRIMARY KEY (line_id>? AND line_id<?)"},
		{addShares(2), []any{1, 0, "a", "d", 1, 1, 1, "b", "d", 1, 1}, "SEARCH s USING COVERING INDEX sqlite_autoindex_stories_1 (name=?)"},
		{findVersion, []any{1, "d", "a"}, "SEARCH v USING INDEX sqlite_autoindex_versions_1 (story_id=? AND direction_id=? AND digest=?)"},
		{readVersion, []any{1}, "SEARCH v USING INTEGER PRIMARY KEY (rowid=?)"},
		{versionsQuery(3, true), []any{1, 2, 3}, "SEARCH v USING INTEGER PRIMARY KEY (rowid=?)"},
		{newestOfName, []any{1}, "SEARCH o USING INDEX sqlite_autoindex_versions_1 (story_id=? AND direction_id=?)"},
		{nextLatest, nil, "SEARCH versions USING COVERING INDEX versions_latest"},
		{"SELECT v.id" + ofStory1.from, ofStory1.args, ofStory},
		{"SELECT v.id" + failed.from, failed.args, ofStory},
		{"SELECT v.id" + lately.from, lately.args, "SEARCH v USING INDEX versions_latest (latest=?)"},
		{"SELECT v.id" + failed.from, failed.args, "SEARCH v USING INDEX versions_state (state=?)"},
		{"SELECT v.id" + lately.from, lately.args, "SEARCH v USING INDEX versions_state (state=? AND changed>?)"},
		{"SELECT v.id" + ofBatch1.from, ofBatch1.args, "SEARCH b USING COVERING INDEX sqlite_autoindex_submissions_1 (batch_id=?)"},
	}
	for _, tt := range tests {
		rows, err := s.readers.Query("EXPLAIN QUERY PLAN "+tt.query, tt.args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var a, b, c int
			var detail string
			if err := rows.Scan(&a, &b, &c, &detail); err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(detail, "VALUES CLAUSE") && detail != "SCAN n" && detail != "USE TEMP B-TREE FOR GROUP BY" { // the statement's own rows, of few stories
				plan = append(plan, detail)
			}
		}
		rows.Close()
		all := strings.Join(plan, "\n")
		if !strings.Contains(all, tt.want) || strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%s\nplan %s\nwant %s", tt.query, all, tt.want)
		}
	}
}
