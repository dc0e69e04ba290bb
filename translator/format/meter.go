package format

import (
	"bufio"
	"fmt"
	"io"

	"dragoman/translator"
)

// A meter reads bytes, and refuses more than max of them between two resets:
// so that no token and no unit, however long, fills the memory.
type meter struct {
	r   *bufio.Reader
	n   int
	max int
	err error // what ended reading
}

func newMeter(r io.Reader, limit int) *meter {
	return &meter{r: bufio.NewReaderSize(r, 64<<10), max: limit}
}

func (m *meter) reset() { m.n = 0 }

// ReadByte makes the decoder read byte by byte, not ahead.
func (m *meter) ReadByte() (byte, error) {
	if m.n++; m.n > m.max {
		m.err = m.tooLarge()
		return 0, m.err
	}
	c, err := m.r.ReadByte()
	if err != nil {
		m.err = err
	}
	return c, err
}

// Read is for a decoder that reads another character set.
func (m *meter) Read(p []byte) (int, error) {
	if m.n >= m.max {
		m.err = m.tooLarge()
		return 0, m.err
	}
	n, err := m.r.Read(p[:min(len(p), m.max-m.n)])
	m.n += n
	if err != nil {
		m.err = err
	}
	return n, err
}

func (m *meter) tooLarge() error {
	return translator.NewError("", translator.TooLarge, fmt.Errorf("a unit is larger than %d bytes", m.max))
}
