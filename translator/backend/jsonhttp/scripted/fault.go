package scripted

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"time"
)

// quiet is the log of servers that are made to fail.
var quiet = log.New(io.Discard, "", 0)

type goneKey struct{}

func withGone(ctx context.Context, gone chan struct{}) context.Context {
	return context.WithValue(ctx, goneKey{}, gone)
}

// wait waits, or less when the client or the test is gone.
func wait(r *http.Request, d time.Duration) {
	gone, _ := r.Context().Value(goneKey{}).(chan struct{})
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-gone:
	}
}

// Status answers with a status, a body and headers.
func Status(status int, body string, header http.Header) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for name, values := range header {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Body answers 200 with these bytes.
func Body(contentType string, body []byte) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	}
}

// Redirect points elsewhere.
func Redirect(status int, to string) Fault {
	return Status(status, "", http.Header{"Location": {to}})
}

// Rewrite lets the handler answer and changes the body of its answer.
func Rewrite(change func(body []byte) []byte) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := answerOf(r, next)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(change(answer.Body.Bytes()))
	}
}

// RewriteJSON is Rewrite for an answer that is JSON of T's form.
func RewriteJSON[T any](change func(T) T) Fault {
	return Rewrite(func(body []byte) []byte {
		var answer T
		if err := json.Unmarshal(body, &answer); err != nil {
			panic(err) // the stand-in writes JSON
		}
		changed, err := json.Marshal(change(answer))
		if err != nil {
			panic(err)
		}
		return changed
	})
}

// Hang never answers.
func Hang() Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		wait(r, time.Hour)
		panic(http.ErrAbortHandler)
	}
}

// DelayBody sends the head of the handler's answer and then waits.
func DelayBody(d time.Duration) Fault {
	return slowly(func(body []byte) [][]byte { return [][]byte{body} }, d)
}

// Drip sends the head of the handler's answer and then a byte after each pause.
func Drip(pause time.Duration) Fault {
	return slowly(func(body []byte) [][]byte {
		var each [][]byte
		for i := range body {
			each = append(each, body[i:i+1])
		}
		return each
	}, pause)
}

func slowly(split func([]byte) [][]byte, pause time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := answerOf(r, next)
		w.WriteHeader(answer.Code)
		flush := http.NewResponseController(w).Flush
		_ = flush() // a client that is gone shows at the next write
		for _, part := range split(answer.Body.Bytes()) {
			wait(r, pause)
			if _, err := w.Write(part); err != nil || flush() != nil {
				return
			}
		}
	}
}

// Reset ends the connection by RST after n bytes of the handler's answer, its
// head included. It calls told, if that is not nil, with how many bytes there
// would have been.
func Reset(n int, told func(size int)) Fault {
	return onWire(func(conn *net.TCPConn, wire []byte) {
		if told != nil {
			told(len(wire))
		}
		_, _ = conn.Write(wire[:min(n, len(wire))])
		_ = conn.SetLinger(0)
	})
}

// Close ends the connection in order after n bytes of the handler's answer, its
// head included.
func Close(n int) Fault {
	return onWire(func(conn *net.TCPConn, wire []byte) { _, _ = conn.Write(wire[:min(n, len(wire))]) })
}

// Raw sends these bytes in place of an answer, and ends the connection.
func Raw(wire string) Fault {
	return onWire(func(conn *net.TCPConn, _ []byte) { _, _ = io.WriteString(conn, wire) })
}

// Length sends the handler's answer with a Content-Length that is off by so
// much, and ends the connection.
func Length(off int) Fault {
	return whole(func(body []byte) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body)+off, body)
	})
}

// CutChunked sends the handler's answer in chunks, without the last n bytes of
// it all; 5 are the end's mark.
func CutChunked(n int) Fault {
	return whole(func(body []byte) string {
		wire := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		return "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + wire[:max(0, len(wire)-n)]
	})
}

// CutGzip sends the handler's answer packed, without the last n packed bytes,
// with the Content-Length of what it sends.
func CutGzip(n int) Fault {
	return whole(func(body []byte) string {
		packed := pack(body)
		packed = packed[:max(0, len(packed)-n)]
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(packed), packed)
	})
}

func pack(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // into memory
	_ = w.Close()
	return out.Bytes()
}

// whole sends what becomes of the handler's body, head and all, and ends the connection.
func whole(wire func(body []byte) string) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		Raw(wire(answerOf(r, next).Body.Bytes()))(w, r, next)
	}
}

// onWire hands over the connection, and the bytes of the handler's answer.
func onWire(send func(*net.TCPConn, []byte)) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := answerOf(r, next)
		result := answer.Result()
		result.ContentLength = int64(answer.Body.Len())
		result.Close = true // or a client whose reply came whole would use the connection again
		var wire bytes.Buffer
		_ = result.Write(&wire) // into memory
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err) // HTTP/1.1 can always be hijacked
		}
		defer conn.Close()
		for { // the TCP connection below TLS
			inner, ok := conn.(interface{ NetConn() net.Conn })
			if !ok {
				break
			}
			conn = inner.NetConn()
		}
		send(conn.(*net.TCPConn), wire.Bytes())
	}
}

func answerOf(r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	return answer
}
