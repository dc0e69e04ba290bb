package quality

import "fmt"

func findShort(c *Checker, p pair) string {
	ratio := p.ratio()
	if c.band.usual == 0 || ratio >= c.band.least {
		return ""
	}
	if least, _ := c.band.around(p.source.runes); ratio < least {
		return p.lengths()
	}
	return ""
}

func findLong(c *Checker, p pair) string {
	ratio := p.ratio()
	if c.band.usual == 0 || ratio <= c.band.most {
		return ""
	}
	if _, most := c.band.around(p.source.runes); ratio > most {
		return p.lengths()
	}
	return ""
}

// ratio returns target by source code points.
func (p pair) ratio() float64 { return float64(p.target.runes) / float64(p.source.runes) }

func (p pair) lengths() string {
	return fmt.Sprintf("%d characters for %d", p.target.runes, p.source.runes)
}
