package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"dragoman/translator"
	"dragoman/translator/format"
	"dragoman/translator/pipeline"
	"dragoman/translator/quality"
	"dragoman/translator/score"
)

// This file asks the backends of a comparison.

// ask puts the sample through one backend. What is wrong with the backend is
// its column's matter; only what ends the whole run is an error.
func (c *comparison) ask(ctx context.Context, name string) (err error) {
	col := format.Compared{Name: name}
	timed := &stopwatch{}
	o := c.order
	o.around = timed.around
	results := make([]translator.Result, len(c.sentences))
	e, err := o.engine(ctx, name, c.db, o.meter(c.id, timed.billed), 0)
	if err != nil {
		if t, describeErr := c.order.traits(ctx, name); describeErr == nil {
			col.Signature = t.Signature
		}
		for i := range results {
			results[i].Err = err
		}
		return c.add(ctx, col, results)
	}
	col.Signature, col.Unit = e.traits.Signature, unitOf(e.traits)
	results, err = c.translate(ctx, e)
	if err = errors.Join(err, e.close()); err != nil {
		return err
	}
	timed.tell(&col)
	return c.add(ctx, col, results)
}

// translate answers the sample from memory, of this backend alone, and asks
// the backend for the rest.
func (c *comparison) translate(ctx context.Context, e *engine) ([]translator.Result, error) {
	known, err := c.remembered(ctx, e.traits.Signature)
	if err != nil {
		return nil, err
	}
	req := translator.Request{Direction: c.order.dir}
	results := make([]translator.Result, len(c.sentences))
	var open []int
	for i, s := range c.sentences {
		req.Texts, req.Contexts = append(req.Texts, s.text), append(req.Contexts, s.context)
		if entry, ok := known[s.key]; ok {
			results[i] = translator.Result{Text: entry.Target, Origin: entry.Origin, Flags: entry.Flags, Recalled: true}
			continue
		}
		open = append(open, i)
	}
	if len(open) == 0 {
		return results, nil
	}
	answers, err := e.client.Translate(ctx, req.Pick(open))
	if err != nil {
		return nil, err
	}
	for k, i := range open {
		results[i] = answers[k]
	}
	return results, nil
}

// add puts a backend's results into its column and every row.
func (c *comparison) add(ctx context.Context, col format.Compared, results []translator.Result) error {
	answers := make([]format.ComparedAnswer, len(results))
	flags := map[string]int{}
	for i, r := range results {
		answers[i] = c.answer(i, r)
		if r.Err == nil {
			col.Answered++
		}
		if r.Recalled {
			col.Recalled++
		}
		for _, flag := range answers[i].Flags {
			flags[flag]++
		}
	}
	for _, r := range results {
		if r.Err != nil {
			col.Failed = fmt.Sprintf("%d of %d sentences without a translation: %s", len(results)-col.Answered, len(results), r.Err)
			col.Remedy = translator.HintOf(r.Err)
		}
	}
	col.Flags = flagCounts(flags)
	if sent := col.Answered - col.Recalled; sent > 0 {
		col.Thousand = col.Cost * 1000 / translator.USD(sent)
	}
	var err error
	if col.Scores, err = c.score(ctx, answers); err != nil {
		return err
	}
	for i, answer := range answers {
		c.page.Rows[i].Answers = append(c.page.Rows[i].Answers, answer)
	}
	c.page.Engines = append(c.page.Engines, col)
	return nil
}

// answer is what the page shows of a result.
func (c *comparison) answer(i int, r translator.Result) format.ComparedAnswer {
	answer := format.ComparedAnswer{Text: r.Text, Flags: []string{}, Recalled: r.Recalled}
	if r.Err != nil {
		answer.Error = r.Err.Error()
		return answer
	}
	answer.Flags = append(answer.Flags, pipeline.Flags(c.sentences[i].text, r, c.order.checker.Flags)...)
	return answer
}

// flagCounts lists flags by their names.
func flagCounts(flags map[string]int) []format.FlagCount {
	meanings, counts := quality.Meanings(), []format.FlagCount{}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		counts = append(counts, format.FlagCount{Flag: flag, Meaning: meanings[flag], Pairs: flags[flag]})
	}
	return counts
}

// score returns a backend's figures over the sentences that have a reference
// and an answer, and gives each of those its own.
func (c *comparison) score(ctx context.Context, answers []format.ComparedAnswer) ([]format.Score, error) {
	var hyps, refs []string
	var places []int
	for i, a := range answers {
		if c.references[i] != "" && a.Error == "" {
			hyps, refs, places = append(hyps, a.Text), append(refs, c.references[i]), append(places, i)
		}
	}
	figures := []format.Score{}
	if len(hyps) == 0 {
		return figures, nil
	}
	s, err := score.New(&score.Options{Metrics: comparedMetrics})
	if err != nil {
		return nil, err
	}
	corpus, err := s.Corpus(ctx, hyps, refs)
	if err != nil {
		return nil, err
	}
	for _, f := range corpus {
		figures = append(figures, format.Score{Name: string(f.Metric), Value: f.Value, Signature: f.Signature})
	}
	return figures, s.Sentences(ctx, hyps, [][]string{refs}, func(line int, scores []score.Score) error {
		value := scores[0].Value
		answers[places[line]].Score = &value
		return nil
	})
}

// comparedMetrics are what compare shows; the first one beside each sentence.
var comparedMetrics = []score.Metric{score.ChrF, score.BLEU}

func (c *comparison) scoreNames() []string {
	if c.page.References == 0 {
		return nil
	}
	names := make([]string, len(comparedMetrics))
	for i, m := range comparedMetrics {
		names[i] = string(m)
	}
	return names
}
