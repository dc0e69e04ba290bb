package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/buffer"
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
