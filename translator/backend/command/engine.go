package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	maxLine   = 1 << 20 // bytes of one line of output
	lastLines = 5       // of standard error, kept for error messages
	lastBytes = 1 << 10
)

// An engine is one process. One request uses it at a time.
type engine struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	lines  chan string    // of its output; closed when that ends
	ended  error          // why it ended; read it after lines is closed
	killed chan struct{}  // closed by kill
	tasks  sync.WaitGroup // the reader, and writers
	stderr tail
	mark   string // the answer to the mark of the lines protocol
	id     int    // the last one used by the JSON protocol
}

// launch starts the program in a process group of its own.
func launch(o Options) (*engine, error) {
	e := &engine{cmd: exec.Command(o.Argv[0], o.Argv[1:]...), lines: make(chan string), killed: make(chan struct{})}
	e.cmd.Dir = o.Dir
	e.cmd.Env = append(environment(), o.Env...)
	e.cmd.Stderr = &e.stderr
	e.cmd.WaitDelay = 2 * time.Second // for a grandchild that left the group and holds standard error
	ownGroup(e.cmd)
	stdin, err := e.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := e.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := e.cmd.Start(); err != nil {
		return nil, err
	}
	e.stdin = stdin
	e.tasks.Go(func() { e.read(stdout) })
	return e, nil
}

// environment is the program's own without Dragoman's variables.
func environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DRAGOMAN_") {
			env = append(env, v)
		}
	}
	return env
}

// read passes lines on until the output ends. What stands after the last line
// break is no line.
func (e *engine) read(stdout io.Reader) {
	defer close(e.lines)
	r := bufio.NewReaderSize(stdout, 64<<10)
	for {
		line, err := readLine(r)
		if err != nil {
			e.ended = err
			return
		}
		select {
		case e.lines <- line:
		case <-e.killed:
			e.ended = os.ErrClosed
			return
		}
	}
}

var errEnded = errors.New("the engine ended")

func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return "", fmt.Errorf("the engine wrote a line of more than %d bytes", maxLine)
		case err == nil:
			return strings.TrimRight(string(line), "\r\n"), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case len(line) > 0:
			return "", fmt.Errorf("%w in the middle of a line", errEnded)
		default:
			return "", errEnded
		}
	}
}

// idle tells whether the process lives and has nothing to say, as it must
// between two requests.
func (e *engine) idle() bool {
	select {
	case <-e.lines: // a line too many, or the end
		return false
	default:
		return true
	}
}

// next returns the next line of output.
func (e *engine) next(ctx context.Context) (string, error) {
	select {
	case line, ok := <-e.lines:
		if !ok {
			return "", e.ended
		}
		return line, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// write sends lines while the caller reads the answers, so that neither pipe
// fills up. The channel has its error; kill ends it.
func (e *engine) write(lines string) <-chan error {
	done := make(chan error, 1)
	e.tasks.Go(func() {
		_, err := io.WriteString(e.stdin, lines)
		done <- err
	})
	return done
}

// written waits for the end of a write. An engine that answers before it has
// read everything may never let it end.
func written(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// kill ends the process group, waits for it, and returns how the process
// ended and its last words.
func (e *engine) kill() string {
	close(e.killed)
	running := e.running()
	killGroup(e.cmd)
	_ = e.stdin.Close()
	_ = e.cmd.Wait() // its error is in ProcessState
	e.tasks.Wait()
	var said []string
	if state := e.cmd.ProcessState; state != nil && !running {
		said = append(said, state.String())
	}
	if words := e.stderr.String(); words != "" {
		said = append(said, "it said: "+words)
	}
	return strings.Join(said, "; ")
}

// running tells whether the output is still open, as far as one can know.
func (e *engine) running() bool {
	select {
	case _, ok := <-e.lines:
		return ok
	default:
		return true
	}
}

// A tail keeps the last lines that are written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text); n > 2*lastBytes {
		t.text = append(t.text[:0], t.text[n-lastBytes:]...)
	}
	return len(p), nil
}

// String returns the last lines as one, without control characters.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.text[max(0, len(t.text)-lastBytes):]
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(text), "")), "\n")
	last := strings.Join(lines[max(0, len(lines)-lastLines):], " | ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, last)
}
