package format

import "io"

// sinkSize is how much a sink gathers before it writes.
const sinkSize = 64 << 10

// A sink gathers bytes and writes them in large pieces. Its first error stays.
type sink struct {
	w   io.Writer
	buf []byte
	err error
}

func newSink(w io.Writer) sink { return sink{w: w, buf: make([]byte, 0, sinkSize+sinkSize/4)} }

// full writes what is gathered once there is enough of it.
func (s *sink) full() error {
	if len(s.buf) < sinkSize {
		return s.err
	}
	return s.flush()
}

// flush writes what is gathered.
func (s *sink) flush() error {
	if s.err == nil && len(s.buf) > 0 {
		_, s.err = s.w.Write(s.buf)
	}
	s.buf = s.buf[:0]
	return s.err
}
