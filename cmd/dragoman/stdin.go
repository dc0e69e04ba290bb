package main

import (
	"io"

	"dragoman/translator"
)

// A stoppable reader fails once stop is closed, also while a Read of what lies
// beneath waits for somebody to type.
type stoppable struct {
	in    io.Reader
	stop  <-chan struct{}
	bytes chan []byte // what has been read and not been asked for; closed at the end
	rest  []byte
	err   error // the end's; written before bytes is closed
}

func newStoppable(in io.Reader, stop <-chan struct{}) *stoppable {
	s := &stoppable{in: in, stop: stop, bytes: make(chan []byte)}
	go s.pump()
	return s
}

// pump reads ahead. A Read that waits for ever keeps it, and it ends with the process.
func (s *stoppable) pump() {
	defer close(s.bytes)
	for s.err == nil {
		buf := make([]byte, 1<<16)
		var n int
		n, s.err = s.in.Read(buf)
		select {
		case s.bytes <- buf[:n]:
		case <-s.stop:
			return
		}
	}
}

func (s *stoppable) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		select {
		case b, more := <-s.bytes:
			if !more {
				return 0, s.err
			}
			s.rest = b
		case <-s.stop:
			return 0, translator.Interrupted
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
