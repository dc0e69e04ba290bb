package memory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dragoman/translator"
)

// importBatch is how many entries one Save of an import holds.
const importBatch = 1000

// Options holds what may be changed about an import. A nil *Options is all zero.
type Options struct {
	// Direction is the only one taken; nil takes each pair's own. A tag without
	// a region stands for any: "en" takes "en-US", and is what it is saved as.
	Direction *translator.Direction
	// Failed is told of each *translator.ItemError, after which the import goes on.
	Failed func(error)
}

// Counts says what became of an import's pairs.
type Counts struct {
	Saved    int // pairs saved, a source that came twice counted twice
	Empty    int // pairs with an empty side
	Foreign  int // pairs of another direction
	StandIns int // pairs whose target is a stand-in (Pseudo)
	Failed   int // pairs that could not be read
}

// Import saves pairs as the work of people (Human) or as translations that
// existed before (Seed, Aligned), which are recalled before any engine's. The
// flags of a pair are kept, but for those of a person's. A
// pair without a time gets that of the import. A stand-in is never saved, for
// it would come back as somebody's translation. When it ends with an error,
// the counts say what was saved until then.
func Import(ctx context.Context, store translator.Store, pairs translator.Pairs, kind translator.OriginKind, opts *Options) (Counts, error) {
	if opts == nil {
		opts = &Options{}
	}
	origin, err := originOf(kind)
	if err != nil {
		return Counts{}, err
	}
	im := importer{store: store, origin: origin, opts: opts}
	for pair, err := range pairs {
		if item, ok := errors.AsType[*translator.ItemError](err); ok {
			im.failed(item)
			continue
		}
		if err != nil {
			return im.counts, errors.Join(err, im.flush(ctx))
		}
		if err := im.add(ctx, pair); err != nil {
			return im.counts, err
		}
	}
	err = im.flush(ctx)
	return im.counts, err
}

// originOf returns the origin of imported pairs of a kind.
func originOf(kind translator.OriginKind) (translator.Origin, error) {
	origin := translator.Origin{Kind: kind, Time: time.Now().UTC().Truncate(time.Second)}
	switch kind {
	case translator.Human:
		origin.Signature = translator.HumanSignature
	case translator.Seed, translator.Aligned:
		origin.Signature = translator.SeedSignature
	default:
		return origin, &translator.Error{
			Op: "import", Kind: translator.Invalid, Hint: "import as human, seed or aligned",
			Err: fmt.Errorf("pairs of kind %q are an engine's own", kind),
		}
	}
	return origin, nil
}

type importer struct {
	store  translator.Store
	origin translator.Origin
	opts   *Options
	batch  []translator.Entry
	counts Counts
}

func (im *importer) failed(err error) {
	im.counts.Failed++
	if im.opts.Failed != nil {
		im.opts.Failed(err)
	}
}

func (im *importer) add(ctx context.Context, pair translator.Pair) error {
	dir, ok := im.direction(pair)
	if !ok {
		im.counts.Foreign++
		return nil
	}
	if pair.Origin.Kind == translator.Pseudo {
		im.counts.StandIns++
		return nil
	}
	source, target := translator.Transport(dir.From, pair.Source.Text), strings.TrimSpace(pair.Target.Text)
	if source == "" || target == "" {
		im.counts.Empty++
		return nil
	}
	origin := im.origin
	if !pair.Origin.Time.IsZero() {
		origin.Time = pair.Origin.Time.UTC().Truncate(time.Second)
	}
	im.batch = append(im.batch, translator.Entry{
		Key: translator.KeyOf(dir, source), Direction: dir, Source: source, Target: target, Origin: origin, Flags: im.flags(pair),
	})
	if len(im.batch) < importBatch {
		return nil
	}
	return im.flush(ctx)
}

// flags returns what is still true of an imported pair. The word of a person
// stands above any rule's.
func (im *importer) flags(pair translator.Pair) []string {
	if im.origin.Kind == translator.Human || len(pair.Flags) == 0 {
		return nil
	}
	flags := make([]string, 0, len(pair.Flags))
	for _, flag := range pair.Flags { // a store takes words only
		if words := strings.Fields(flag); len(words) > 0 {
			flags = append(flags, strings.Join(words, "-"))
		}
	}
	return translator.AddFlags(nil, flags...)
}

// direction returns what a pair is saved as.
func (im *importer) direction(pair translator.Pair) (translator.Direction, bool) {
	has := translator.Direction{From: pair.Source.Lang, To: pair.Target.Lang}
	if has.From == "" || has.To == "" || has.From == has.To {
		return has, false
	}
	if im.opts.Direction == nil {
		return has, true
	}
	asked := *im.opts.Direction
	return asked, fits(asked.From, has.From) && fits(asked.To, has.To)
}

// fits tells whether a text's language is the one asked for, a tag without a
// region standing for any, on either side.
func fits(asked, has translator.Lang) bool {
	return asked == has || asked == has.Base() || has == asked.Base()
}

func (im *importer) flush(ctx context.Context) error {
	if len(im.batch) == 0 {
		return nil
	}
	if err := im.store.Save(ctx, im.batch); err != nil {
		return err
	}
	im.counts.Saved += len(im.batch)
	im.batch = im.batch[:0]
	return nil
}

// exportStory is the Story of every exported pair.
const exportStory = "memory"

// Export yields the translations that an archive holds, of one direction or,
// with nil, of all, in the archive's order. Stand-ins are left out: whoever
// gets the file would take them for translations. A pair's ID is its entry's key; its Sentence counts
// the pairs from 1.
func Export(ctx context.Context, archive translator.Archive, dir *translator.Direction) translator.Pairs {
	return func(yield func(translator.Pair, error) bool) {
		n := 0
		for e, err := range archive.Entries(ctx) {
			if err != nil {
				if !yield(translator.Pair{}, err) {
					return
				}
				continue
			}
			if dir != nil && e.Direction != *dir || e.Origin.Kind == translator.Pseudo {
				continue
			}
			n++
			if !yield(pairOf(e, n), nil) {
				return
			}
		}
	}
}

func pairOf(e translator.Entry, n int) translator.Pair {
	return translator.Pair{
		ID: e.Key.String(), Story: exportStory, Block: 1, Sentence: n, Kind: translator.Body,
		Source: translator.Text{Lang: e.Direction.From, Text: e.Source},
		Target: translator.Text{Lang: e.Direction.To, Text: e.Target},
		Origin: e.Origin, Flags: append([]string{}, e.Flags...),
	}
}
