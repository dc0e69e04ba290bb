// Package tmx answers from translations that exist, exactly or not at all. It
// is what Dragoman asks when nothing else is configured: it needs no account.
//
// The name is that of the usual source, a TMX file; what it is given is any
// sequence of pairs.
package tmx

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"

	"golang.org/x/text/language"

	"dragoman/translator"
)

// Options of a Backend. The zero value of each field is its default.
type Options struct {
	OneWay bool // answer only from source to target, and not back as well
}

// A Backend is an index over pairs. It is safe for concurrent use.
type Backend struct {
	index     map[translator.Key]string
	signature translator.Signature
}

// New reads pairs to the end. Of several pairs of one source, the first one
// wins. A pair tagged en-US answers for en too, and for en-GB if that has none
// of its own; a variant in another script does not. A pair with an empty side
// answers nothing, nor does a stand-in (Pseudo), which is no translation. An
// unreadable pair is an Invalid error that names it.
func New(pairs translator.Pairs, opts *Options) (*Backend, error) {
	if opts == nil {
		opts = &Options{}
	}
	b := &Backend{index: map[translator.Key]string{}}
	for pair, err := range pairs {
		if err != nil {
			return nil, readError(err)
		}
		if pair.Origin.Kind == translator.Pseudo {
			continue
		}
		b.add(pair.Source, pair.Target)
		if !opts.OneWay {
			b.add(pair.Target, pair.Source)
		}
	}
	b.signature = sign(b.index)
	return b, nil
}

func readError(err error) error {
	if _, ok := errors.AsType[*translator.ItemError](err); !ok {
		return err
	}
	return &translator.Error{
		Op: "tmx", Kind: translator.Invalid, Err: err,
		Hint: "repair the entry, or take it out of the file",
	}
}

// add indexes a pair by its own tags and by those without a region.
func (b *Backend) add(source, target translator.Text) {
	text := translator.Transport(source.Lang, source.Text)
	if text == "" || translator.Transport(target.Lang, target.Text) == "" {
		return
	}
	dir := translator.Direction{From: source.Lang, To: target.Lang}
	for _, d := range [...]translator.Direction{dir, broad(dir)} {
		key := translator.KeyOf(d, text)
		if _, taken := b.index[key]; !taken {
			b.index[key] = target.Text
		}
	}
}

// broad takes the regions off a direction.
func broad(d translator.Direction) translator.Direction {
	return translator.Direction{From: broadLang(d.From), To: broadLang(d.To)}
}

// broadLang returns the base language, or l itself if that is written in
// another script.
func broadLang(l translator.Lang) translator.Lang {
	script, _ := language.Make(string(l)).Script()
	usual, _ := language.Make(string(l.Base())).Script()
	if script != usual {
		return l
	}
	return l.Base()
}

// sign hashes what the index answers, in the order of its keys.
func sign(index map[translator.Key]string) translator.Signature {
	keys := slices.SortedFunc(maps.Keys(index), translator.Key.Compare)
	h := sha256.New()
	for _, key := range keys {
		h.Write(key[:])
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(index[key]))))
		h.Write([]byte(index[key]))
	}
	return translator.Signature("tmx:" + hex.EncodeToString(h.Sum(nil))[:16])
}

// Traits says that it is free, and that its answers are seeds.
func (b *Backend) Traits() translator.Traits {
	return translator.Traits{
		Name: "tmx", Signature: b.signature, Origin: translator.Seed, MaxTexts: 1024, Connections: 1,
	}
}

// errMissing is the answer to a text that does not stand in the file.
var errMissing = &translator.Error{
	Op: "tmx", Kind: translator.Missing,
	Hint: "add the sentence to the TMX file, or put another backend after tmx in the chain",
}

// Translate looks the texts up. What it lacks is Missing.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if err := ctx.Err(); err != nil {
		return translator.Response{}, err
	}
	answers := make([]translator.Translation, len(req.Texts))
	for i, text := range req.Texts {
		answer, ok := b.find(req.Direction, text)
		if !ok {
			answers[i].Err = errMissing
			continue
		}
		answers[i].Text = answer
	}
	return translator.Response{Translations: answers}, nil
}

func (b *Backend) find(dir translator.Direction, text string) (string, bool) {
	if answer, ok := b.index[translator.KeyOf(dir, text)]; ok {
		return answer, true
	}
	answer, ok := b.index[translator.KeyOf(broad(dir), text)]
	return answer, ok
}
