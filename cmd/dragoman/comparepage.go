package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/quality"
)

// This file writes down what a comparison came to.

func (c *comparison) rows() []format.ComparedRow {
	dir := c.order.dir
	rows := make([]format.ComparedRow, len(c.sentences))
	for i, s := range c.sentences {
		rows[i] = format.ComparedRow{
			ID: s.id, Source: translator.Text{Lang: dir.From, Text: s.source},
			Reference: translator.Text{Lang: dir.To, Text: c.references[i]},
		}
	}
	return rows
}

// conclude writes the page and says what it came to.
func (c *comparison) conclude() error {
	c.page.Meanings = quality.Meanings()
	if err := c.file.write(c.page); err != nil {
		return err
	}
	if c.app.json {
		if err := writeJSON(c.app.out, c.page); err != nil {
			return err
		}
	} else if err := c.table(); err != nil {
		return err
	}
	failed := false
	for _, e := range c.page.Engines {
		if e.Failed == "" {
			continue
		}
		failed = true
		fmt.Fprintf(c.app.err, "%s: %s\n", e.Name, printable(e.Failed))
		if e.Remedy != "" {
			fmt.Fprintf(c.app.err, "  %s\n", printable(e.Remedy))
		}
	}
	if failed {
		return &outcomeError{code: exitPartial, said: true, err: errors.New("some backends lack translations")}
	}
	return nil
}

// table says it on the terminal.
func (c *comparison) table() error {
	w := tabwriter.NewWriter(c.app.out, 0, 0, 2, ' ', 0)
	head := append([]string{"backend", "translated", "remembered", "seconds", "cost", "flagged"}, c.scoreNames()...)
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for k, e := range c.page.Engines {
		flagged := 0
		for _, r := range c.page.Rows {
			if translator.Faults(r.Answers[k].Flags) > 0 {
				flagged++
			}
		}
		fmt.Fprintf(w, "%s\t%d of %d\t%d\t%.2f\t%s\t%d", e.Name, e.Answered, len(c.page.Rows), e.Recalled, e.Seconds, e.Cost, flagged)
		for _, s := range c.scoreNames() {
			fmt.Fprintf(w, "\t%s", e.ScoreOf(s))
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if c.app.quiet {
		return nil
	}
	_, err := fmt.Fprintf(c.app.out, "written to %s\n", printable(c.flags.page))
	return err
}
