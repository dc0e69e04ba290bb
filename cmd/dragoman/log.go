package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/buffer"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"
)

// isTerminal tells whether w is a terminal that a person looks at.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// newLogger writes to w: for people on a terminal, JSON lines elsewhere, unless
// format says console or json.
func newLogger(w io.Writer, level, format string, terminal bool) (*zap.Logger, error) {
	at, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, usageError{err}
	}
	if format == "auto" {
		format = "json"
		if terminal {
			format = "console"
		}
	}
	return zap.New(zapcore.NewCore(encoder(format), zapcore.AddSync(w), at)), nil
}

func encoder(format string) zapcore.Encoder {
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.RFC3339TimeEncoder
	c.EncodeDuration = zapcore.StringDurationEncoder
	if format == "json" {
		return bidiSafe{zapcore.NewJSONEncoder(c)}
	}
	c.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	c.EncodeLevel = zapcore.LowercaseLevelEncoder
	c.CallerKey = zapcore.OmitKey
	return bidiSafe{zapcore.NewConsoleEncoder(c)}
}

// bidiSafe escapes the characters that change the order of what a person
// reads: zap's encoders let them through, and article names may hold them.
type bidiSafe struct{ zapcore.Encoder }

func (e bidiSafe) Clone() zapcore.Encoder { return bidiSafe{e.Encoder.Clone()} }

func (e bidiSafe) EncodeEntry(entry zapcore.Entry, fields []zapcore.Field) (*buffer.Buffer, error) {
	line, err := e.Encoder.EncodeEntry(entry, fields)
	if err != nil || !strings.ContainsFunc(line.String(), isBidiControl) {
		return line, err
	}
	safe := escapeBidi(line.String())
	line.Reset()
	line.AppendString(safe)
	return line, nil
}

func isBidiControl(r rune) bool {
	return r == 0x061C || r == 0x200E || r == 0x200F || 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069
}

func escapeBidi(s string) string {
	var b strings.Builder
	for _, r := range s {
		if isBidiControl(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// engineLog returns the log for River, the engine of the queue, which writes
// through log/slog. What River finds worth saying is of use to those who look
// into River; what this program's people must know is told by queue.Observer.
// So all that is no warning is for the debug level, and so is what River warns
// of and a worker tells in its own way: see toldByUs.
func engineLog(log *zap.Logger) *slog.Logger {
	const never = slog.Level(100) // a stack says nothing about another program's database
	return slog.New(lowered{zapslog.NewHandler(log.Core(), zapslog.WithName("river"), zapslog.AddStacktraceAt(never))})
}

// lowered is a handler that takes Info for Debug.
type lowered struct{ slog.Handler }

func lower(l slog.Level) slog.Level {
	if l < slog.LevelWarn {
		return min(l, slog.LevelDebug)
	}
	return l
}

func (h lowered) Enabled(ctx context.Context, l slog.Level) bool {
	return h.Handler.Enabled(ctx, lower(l))
}

func (h lowered) Handle(ctx context.Context, r slog.Record) error {
	r.Level = lower(r.Level)
	if r.Level >= slog.LevelWarn && toldByUs(r) {
		r.Level = slog.LevelDebug
		if !h.Handler.Enabled(ctx, r.Level) {
			return nil
		}
	}
	return h.Handler.Handle(ctx, r)
}

// lostWords are in what drivers say when the way to a database is lost, or its
// server is being stopped or started (class 57P of SQLSTATE).
var lostWords = []string{
	"failed to connect", "connection refused", "connection reset", "broken pipe", "conn closed", "unexpected EOF", "i/o timeout",
	"SQLSTATE 57P", "closed pool", "no such host",
}

// toldByUs tells whether a record of River is about a database that is away,
// which an outage tells once, or a job that a person took out of work, which is
// as it should be.
func toldByUs(r slog.Record) bool {
	told := strings.HasSuffix(r.Message, "job cancelled remotely")
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "err" || a.Key == "error" {
			text := a.Value.String()
			told = told || slices.ContainsFunc(lostWords, func(w string) bool { return strings.Contains(text, w) })
		}
		return !told
	})
	return told
}

func (h lowered) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lowered{h.Handler.WithAttrs(attrs)}
}

func (h lowered) WithGroup(name string) slog.Handler { return lowered{h.Handler.WithGroup(name)} }
