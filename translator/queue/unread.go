package queue

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"dragoman/translator"
)

// unreadMark ends the name of a story that could not be read.
const unreadMark = "~unread"

// unreadName names such a story by its path: two files that cannot be read have
// nothing to do with each other, even if they have one name.
func unreadName(item *translator.ItemError) string {
	return UnreadName(item.Name())
}

// UnreadName returns the Version.Story of what could not be read, under the name
// that people know it by.
func UnreadName(called string) string { return called + unreadMark }

// NamesUnread tells whether a Version.Story is the name of what could not be read.
func NamesUnread(story string) bool { return strings.Contains(story, unreadMark) }

// Called returns the name that people know a Version.Story by. Of what could not
// be read it is the path: nothing else of it is known.
func Called(story string) string { return strings.TrimSuffix(story, unreadMark) }

// Unread tells whether a version, with its article, could not be read when it
// was submitted.
func Unread(v translator.Version) bool {
	_, item, err := DecodeArticle(v.Article)
	return err == nil && item != nil
}

// A mended holds the versions that could not be read when they were submitted,
// and notes which of them a Submit brings in a form that can be.
type mended struct {
	byPath, byID map[string][]translator.VersionID
	named        map[string]translator.VersionID
	mended       map[translator.VersionID]bool // false again if it cannot be read this time either
}

// unread looks for the versions of a direction that failed because they could not be read.
func (q *Queue[Tx]) unread(ctx context.Context, dir translator.Direction) (*mended, error) {
	var ids []translator.VersionID
	failed := translator.Selection{Direction: dir, States: []translator.State{translator.StateFailed}, Brief: true}
	for v, err := range q.register.Versions(ctx, failed) {
		if err != nil {
			return nil, q.fail("submit", err)
		}
		if NamesUnread(v.Story) {
			ids = append(ids, v.ID)
		}
	}
	versions, err := q.register.Load(ctx, ids)
	if err != nil {
		return nil, q.fail("submit", err)
	}
	return mendedOf(versions), nil
}

func mendedOf(versions []translator.Version) *mended {
	m := &mended{
		byPath: map[string][]translator.VersionID{}, byID: map[string][]translator.VersionID{},
		named: map[string]translator.VersionID{}, mended: map[translator.VersionID]bool{},
	}
	for _, v := range versions {
		if _, item, err := DecodeArticle(v.Article); err == nil && item != nil {
			m.byPath[item.Path] = append(m.byPath[item.Path], v.ID)
			m.byID[item.ID] = append(m.byID[item.ID], v.ID)
			m.named[v.Story] = v.ID
		}
	}
	return m
}

// readable notes an article, under the ID with which it was read.
func (m *mended) readable(a translator.Article) {
	for _, ids := range [...][]translator.VersionID{m.byPath[a.Path], m.byID[a.ID]} {
		for _, id := range ids {
			if _, noted := m.mended[id]; !noted {
				m.mended[id] = true
			}
		}
	}
}

// unreadable notes that a story still cannot be read.
func (m *mended) unreadable(name string) {
	if id, ok := m.named[name]; ok {
		m.mended[id] = false
	}
}

// changes returns what is to become of them: nobody has to look at one any more
// whose story is there.
func (m *mended) changes(now time.Time) []translator.Change {
	var changes []translator.Change
	for _, id := range slices.Sorted(maps.Keys(m.mended)) {
		if m.mended[id] {
			changes = append(changes, translator.Change{
				ID: id, From: []translator.State{translator.StateFailed}, To: translator.StateCancelled, Time: now,
			})
		}
	}
	return changes
}
