package memory_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"dragoman/translator"
	"dragoman/translator/memory"
	"dragoman/translator/store/ram"
	"dragoman/translator/store/sqlite"
)

// scripted is a Backend that answers as it is told.
type scripted struct {
	origin translator.OriginKind
	resp   translator.Response
	err    error
	before func()
	closed bool
}

func (s *scripted) Traits() translator.Traits {
	return translator.Traits{Name: "engine", Signature: engine, Origin: s.origin, MaxTexts: 7}
}

func (s *scripted) Translate(context.Context, translator.Request) (translator.Response, error) {
	if s.before != nil {
		s.before()
	}
	return s.resp, s.err
}

func (s *scripted) Close() error {
	s.closed = true
	return errors.New("closed")
}

func request(texts ...string) translator.Request {
	return translator.Request{Direction: arEn, Texts: texts}
}

func answers(texts ...string) translator.Response {
	var r translator.Response
	for _, text := range texts {
		r.Translations = append(r.Translations, translator.Translation{Text: text})
	}
	return r
}

func TestKeepSaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1234 * time.Millisecond)
		now := time.Now().UTC().Truncate(time.Second)
		for _, kind := range []translator.OriginKind{"", translator.Pseudo} {
			b := &scripted{origin: kind, resp: answers("one", "", "three")}
			b.resp.Translations[2].Err = translator.NewError("engine", translator.Corrupt, nil)
			b.resp.Billed = 42
			store := ram.New()
			resp, err := memory.Keep(store, b).Translate(t.Context(), request("a", "b", "c"))
			if err != nil || resp.Billed != 42 || len(resp.Translations) != 3 || resp.Translations[0].Text != "one" {
				t.Fatalf("%+v, %v", resp, err)
			}
			if kind == "" {
				kind = translator.Machine
			}
			want := entry(engine, "a", "one")
			want.Origin = translator.Origin{Kind: kind, Signature: engine, Time: now}
			n := 0
			for e := range store.Entries(t.Context()) {
				if n++; !reflect.DeepEqual(e, want) {
					t.Errorf("saved %+v, want %+v", e, want)
				}
			}
			if n != 1 {
				t.Errorf("%d entries were saved, want the one that is whole", n)
			}
		}
	})
}

func TestKeepPassesOn(t *testing.T) {
	t.Parallel()
	store := ram.New()
	refusal := translator.NewError("engine", translator.Throttled, nil)
	if _, err := memory.Keep(store, &scripted{err: refusal}).Translate(t.Context(), request("a")); err != error(refusal) {
		t.Errorf("the backend's error became %v", err)
	}
	short := &scripted{resp: answers("one")}
	if resp, err := memory.Keep(store, short).Translate(t.Context(), request("a", "b")); err != nil || len(resp.Translations) != 1 {
		t.Errorf("too few answers became %+v, %v", resp, err)
	}
	for e := range store.Entries(t.Context()) {
		t.Errorf("saved %+v", e)
	}
	b := &scripted{}
	kept := memory.Keep(store, b)
	if kept.Traits().MaxTexts != 7 {
		t.Error("the traits are lost")
	}
	if err := kept.(interface{ Close() error }).Close(); err == nil || !b.closed {
		t.Errorf("Close: %v", err)
	}
}

// TestKeepAfterCancel cancels while the engine works: the answer that came is saved.
func TestKeepAfterCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	store := ram.New()
	b := &scripted{resp: answers("one"), before: cancel}
	if _, err := memory.Keep(store, b).Translate(ctx, request("a")); err != nil {
		t.Fatal(err)
	}
	if found, _ := store.Lookup(t.Context(), []translator.Key{translator.KeyOf(arEn, "a")}); len(found) != 1 {
		t.Error("an answer was lost")
	}
}

// TestKeepStoreFails has a real store that can no longer be written.
func TestKeepStoreFails(t *testing.T) {
	t.Parallel()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "d.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = memory.Keep(store, &scripted{resp: answers("one")}).Translate(t.Context(), request("a"))
	e, ok := errors.AsType[*translator.Error](err)
	if !ok || !errors.Is(err, memory.ErrStore) || !e.MaybePaid || translator.KindOf(err) != translator.Other {
		t.Errorf("got %v, want ErrStore of kind Other, paid", err)
	}
}
