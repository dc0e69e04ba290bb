// Package command runs a local engine as a subprocess: Marian, CTranslate2,
// Argos, Bergamot, or a script of the user's own.
//
// The engine is started when it is first needed, kept for the next request,
// and killed with its whole process group whenever what it says cannot be
// matched with what it was asked; the next request starts a new one. It must
// flush its output after every line. There are two protocols.
//
// Lines: one text in, one translation out, in order. Lines carry no name, so a
// dropped or an extra line would shift every answer after it. Against that,
// every request ends with a line of Dragoman's own, a number, whose answer was
// learnt when the engine was started: where it comes early, a line was
// dropped; where something else comes in its place, there was one too many. In
// either case nothing of the request is believed. What this cannot see is an
// engine that drops one line and adds another within one request, and an
// engine that changes or forgets the number is refused at its start.
//
// JSON: an object {"id", "text", "from", "to"} per line in, {"id", "text"} or
// {"id", "error"} per line out, in any order; an id is a string and never used
// twice by one process. An unknown or repeated id spoils the whole request.
// Here, too, the first question to a new process is a number. What this cannot
// see is an engine that swaps the ids of two texts.
package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dragoman/translator"
)

// Options of a Backend. The zero value of each field is its default, but Argv
// must be given.
type Options struct {
	Argv     []string // the program and its arguments; no shell reads them
	Protocol Protocol // empty is Lines
	Dir      string   // where it runs; empty is here
	// Env is added to the environment, as "KEY=value". Dragoman's own
	// variables, which may hold keys, are not passed on.
	Env       []string
	Timeout   time.Duration // of a start, and of a request; 0 is 5 minutes
	Processes int           // at once; 0 is 1
	MaxTexts  int           // in one request; 0 is 128
	// Price is in dollars per million code points sent, where the engine costs anything.
	Price translator.Price
}

// A Protocol is how texts and translations go through the pipes.
type Protocol string

// The protocols; see the package's comment.
const (
	Lines Protocol = "lines"
	JSON  Protocol = "json"
)

// A Backend is an engine of this machine. It is safe for concurrent use, with
// one request at a time per process. Close ends the processes.
type Backend struct {
	opts      Options
	signature translator.Signature
	slots     chan *slot
	life      context.Context // ends with Close
	end       context.CancelCauseFunc
	closed    sync.Once
}

// A slot is room for one process, which may not have been started.
type slot struct{ engine *engine }

// New checks the settings and starts nothing. A setting that cannot work, such
// as a program that is not there, is an Invalid error.
func New(opts *Options) (*Backend, error) {
	o, err := settled(opts)
	if err != nil {
		return nil, err
	}
	b := &Backend{opts: o, signature: sign(o), slots: make(chan *slot, o.Processes)}
	b.life, b.end = context.WithCancelCause(context.Background())
	for range o.Processes {
		b.slots <- &slot{}
	}
	return b, nil
}

func settled(opts *Options) (Options, error) {
	if opts == nil || len(opts.Argv) == 0 || opts.Argv[0] == "" {
		return Options{}, invalid(errors.New("no program is given"), "set backends.command.argv to the engine's command line")
	}
	o := *opts
	if o.Protocol == "" {
		o.Protocol = Lines
	}
	if o.Protocol != Lines && o.Protocol != JSON {
		return Options{}, invalid(fmt.Errorf("protocol %q", o.Protocol), "set backends.command.protocol to lines or json")
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Minute
	}
	o.Processes = max(o.Processes, 1)
	if o.MaxTexts <= 0 {
		o.MaxTexts = 128
	}
	return o, findProgram(o)
}

// findProgram looks for the program where exec will: beside Dir when it is a
// relative path, in PATH when it is a bare name.
func findProgram(o Options) error {
	name := o.Argv[0]
	if strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) {
		name = filepath.Join(o.Dir, name)
		if !strings.ContainsRune(name, filepath.Separator) {
			name = "." + string(filepath.Separator) + name
		}
	}
	if _, err := exec.LookPath(name); err != nil {
		return invalid(fmt.Errorf("%q cannot be run: %w", o.Argv[0], err),
			"install the engine, or write its full path in backends.command.argv")
	}
	return nil
}

func invalid(cause error, hint string) error {
	return &translator.Error{Op: "command", Kind: translator.Invalid, Err: cause, Hint: hint}
}

// sign names the program and hashes the command line and the protocol, each
// part with its length. A model that is replaced under the same path is not
// seen: its version belongs into its path.
func sign(o Options) translator.Signature {
	h := sha256.New()
	for _, part := range append([]string{string(o.Protocol)}, o.Argv...) {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	base := strings.Map(plain, filepath.Base(o.Argv[0]))
	return translator.Signature("command:" + base + ":" + hex.EncodeToString(h.Sum(nil))[:12])
}

// plain keeps what stands well in a signature.
func plain(r rune) rune {
	switch {
	case '0' <= r && r <= '9', 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', strings.ContainsRune("._-", r):
		return r
	}
	return '_'
}

// Traits says that it is free, and bears a request per process.
func (b *Backend) Traits() translator.Traits {
	return translator.Traits{
		Name: "command", Signature: b.signature, MaxTexts: b.opts.MaxTexts, Connections: b.opts.Processes,
		Price: b.opts.Price,
	}
}

// Translate asks a process that is free. An engine that cannot be started is
// Unavailable. One that dies, is silent for too long or says what fits no
// question is Corrupt, so that the request is halved and the text that broke
// it is found.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if err := ctx.Err(); err != nil {
		return translator.Response{}, err
	}
	for i, text := range req.Texts {
		if strings.ContainsAny(text, "\n\r") {
			return translator.Response{}, invalid(fmt.Errorf("text %d holds a line break", i+1), "")
		}
	}
	select {
	case s := <-b.slots:
		defer func() { b.slots <- s }()
		return b.ask(ctx, s, req)
	case <-ctx.Done():
		return translator.Response{}, ctx.Err()
	case <-b.life.Done():
		return translator.Response{}, errClosed
	}
}

var errClosed = translator.NewError("command", translator.Interrupted, errors.New("the backend is closed"))

// ask lets the slot's process answer within the timeout. After an error the
// process is dead.
func (b *Backend) ask(ctx context.Context, s *slot, req translator.Request) (translator.Response, error) {
	if s.engine != nil && !s.engine.idle() {
		s.engine.kill()
		s.engine = nil
	}
	if s.engine == nil {
		e, err := b.start(ctx, req.Direction)
		if err != nil {
			return translator.Response{}, err
		}
		s.engine = e
	}
	answers, err := b.exchange(ctx, s.engine, req)
	if err != nil {
		last := s.engine.kill()
		s.engine = nil
		return translator.Response{}, failure(ctx, translator.Corrupt, err, last)
	}
	return translator.Response{Translations: answers}, nil
}

// exchange speaks the protocol, with a deadline of its own.
func (b *Backend) exchange(ctx context.Context, e *engine, req translator.Request) ([]translator.Translation, error) {
	w, cancel := b.watch(ctx)
	defer cancel()
	if b.opts.Protocol == JSON {
		return e.askJSON(w, req)
	}
	return e.askLines(w, req.Texts)
}

// start starts a process and waits until it answers.
func (b *Backend) start(ctx context.Context, dir translator.Direction) (*engine, error) {
	e, err := launch(b.opts)
	if err != nil {
		return nil, &translator.Error{Op: "command", Kind: translator.Unavailable, Err: err, Hint: "check backends.command.argv"}
	}
	w, cancel := b.watch(ctx)
	defer cancel()
	if b.opts.Protocol == JSON {
		_, err = e.askJSON(w, translator.Request{Direction: dir, Texts: []string{mark}})
	} else {
		err = e.greet(w)
	}
	if err != nil {
		last := e.kill()
		return nil, failure(ctx, translator.Unavailable, fmt.Errorf("at its start: %w", err), last)
	}
	return e, nil
}

// watch ends with ctx, with the timeout, or with Close.
func (b *Backend) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	w, cancel := context.WithCancelCause(ctx)
	leave := context.AfterFunc(b.life, func() { cancel(errClosed) })
	w, cancelTimer := context.WithTimeoutCause(w, b.opts.Timeout, fmt.Errorf("%w within %v", errSilent, b.opts.Timeout))
	return w, func() {
		leave()
		cancelTimer()
		cancel(nil)
	}
}

var errSilent = errors.New("no answer")

// failure gives an error of the engine its kind, and its last words; what the
// caller cancelled comes back as it is.
func failure(ctx context.Context, kind translator.Kind, err error, lastWords string) error {
	if cancelled := ctx.Err(); cancelled != nil {
		return cancelled
	}
	if errors.Is(err, translator.Interrupted) {
		return err
	}
	if lastWords != "" {
		err = fmt.Errorf("%w (%s)", err, lastWords)
	}
	return &translator.Error{Op: "command", Kind: kind, Err: err, Hint: remedy(err)}
}

func remedy(err error) string {
	switch {
	case errors.Is(err, errSilent):
		return "the engine must answer each line as it comes; try it by hand, or raise backends.command.timeout"
	case errors.Is(err, errEnded):
		return "the engine must live for as long as its input is open; try backends.command.argv by hand, and see its own log"
	}
	return "the engine must answer each line with a line, and write nothing else; try backends.command.argv by hand"
}

// Close ends the requests on their way, and every process.
func (b *Backend) Close() error {
	b.closed.Do(func() {
		b.end(errClosed)
		for range b.opts.Processes {
			if s := <-b.slots; s.engine != nil {
				s.engine.kill()
			}
		}
	})
	return nil
}
