package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/ledger"
)

func (a *app) checkCommand() *cobra.Command {
	var full, yes bool
	cmd := &cobra.Command{
		Use:   "check BACKEND",
		Short: "Try a backend with your own account, step by step",
		Long: `Runs the suite that every driver passes against the backend as it is configured,
with a few sentences of its own, and says first what that will cost. Nothing is
remembered; what is sent stands in the ledger and counts against the budget.`,
		Example: `  dragoman check google
  dragoman check command --full --yes`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if !slices.Contains(config.BackendNames(), args[0]) {
				return usageError{fmt.Errorf("there is no backend %q: choose from %s", args[0], strings.Join(config.BackendNames(), ", "))}
			}
			return a.check(cmd.Context(), cfg, args[0], full, yes)
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "also fill a whole request, which costs more")
	cmd.Flags().BoolVar(&yes, "yes", false, "spend without asking")
	addSettings(cmd, "from", "to", "store", "budget")
	return cmd
}

// A checkResult is one step in check --json.
type checkResult struct {
	Step    string  `json:"step"`
	Result  string  `json:"result"` // pass, fail or skip
	Reason  string  `json:"reason,omitempty"`
	Seconds float64 `json:"seconds"`
}

// check tries one backend.
func (a *app) check(ctx context.Context, cfg *config.Config, name string, full, yes bool) (err error) {
	if err := cfg.Require(name); err != nil {
		return usageError{err}
	}
	dir, err := translator.ParseDirection(cfg.From, cfg.To)
	if err != nil {
		return err
	}
	log, err := a.logger(cfg, a.err)
	if err != nil {
		return err
	}
	o, err := newOrder(cfg, dir, log)
	if err != nil {
		return err
	}
	driver, err := o.open(ctx, name)
	if err != nil {
		return err
	}
	db, err := openStore(ctx, cfg.Store, log)
	if err != nil {
		return errors.Join(err, translator.Close(driver))
	}
	defer func() { err = errors.Join(err, closeStore(db)) }()
	metered := ledger.Meter(db, backend.Check(driver), o.meter(newRunID("check"), func(translator.Line, translator.Bill) {}))
	defer func() { err = errors.Join(err, translator.Close(metered)) }() // waits for the ledger
	texts, err := checkTexts(cfg, name, dir)
	if err != nil {
		return err
	}
	steps := backend.Steps(metered, dir, texts, full)
	if err := a.confirm(driver.Traits(), steps, yes); err != nil {
		return err
	}
	return a.runSteps(ctx, steps)
}

// checkTexts returns sentences that a backend can be tried with: of a TMX file
// some that stand in it, of an engine ours. Nil is the suite's own, in Arabic.
func checkTexts(cfg *config.Config, name string, dir translator.Direction) ([]string, error) {
	if name != "tmx" {
		if dir.From.Base() == translator.English {
			return englishTexts, nil
		}
		return nil, nil
	}
	var texts []string
	err := readTMX(cfg.Backends.TMX.File, dir, func(pairs translator.Pairs) error {
		for pair, err := range pairs {
			if err != nil {
				return err
			}
			if text := translator.Transport(dir.From, pair.Source.Text); text != "" && !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
			if len(texts) == 4 {
				break
			}
		}
		return nil
	})
	if err == nil && len(texts) < 3 {
		err = translator.NewError("check", translator.Invalid, fmt.Errorf("%s has fewer than three sentences of %s", cfg.Backends.TMX.File, dir))
	}
	return texts, err
}

// englishTexts are for the other direction; each has a figure by which its answer is known.
var englishTexts = []string{
	"The port reopened at 6 a.m. after 14 days of repairs.",
	"Some 2,450 houses were damaged by the floods.",
	"The exhibition runs until the 28th of this month.",
	"The two towns are 936 kilometres apart.",
}

// confirm says what the steps cost at most, and asks.
func (a *app) confirm(t translator.Traits, steps []backend.Step, yes bool) error {
	var requests, size int
	var cost translator.USD
	for _, s := range steps {
		if s.Skip == "" {
			requests, size, cost = requests+s.Requests, size+s.Size+s.Requests*t.Overhead, cost+s.Cost
		}
	}
	if !a.json {
		fmt.Fprintf(a.out, "%s (%s): at most %d requests, %d %s, %s\n", t.Name, t.Signature, requests, size, unitOf(t), cost)
	}
	return a.confirmCost(cost, yes)
}

// confirmCost asks before anything is paid.
func (a *app) confirmCost(cost translator.USD, yes bool) error {
	if cost == 0 || yes {
		return nil
	}
	if !isTerminal(a.err) {
		return usageError{fmt.Errorf("this costs up to %s: say --yes to spend it", cost)}
	}
	fmt.Fprintf(a.err, "Spend up to %s? [y/N] ", cost)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y") {
		return usageError{errors.New("nothing was sent")}
	}
	return nil
}

// runSteps runs them all and tells of each. The first failure's kind decides the exit code.
func (a *app) runSteps(ctx context.Context, steps []backend.Step) error {
	results := make([]checkResult, 0, len(steps))
	var failures []error
	for _, s := range steps {
		if len(failures) > 0 && hopeless(failures[len(failures)-1]) && s.Skip == "" {
			s.Skip = "it would fail like the one before"
		}
		r := checkResult{Step: s.Name, Result: "pass", Reason: s.Skip}
		begun := time.Now()
		if s.Skip != "" {
			r.Result = "skip"
		} else if err := runStep(ctx, s); err != nil {
			r.Result, r.Reason = "fail", printable(err.Error())
			failures = append(failures, err)
		}
		r.Seconds = time.Since(begun).Round(time.Millisecond).Seconds()
		results = append(results, r)
		if !a.json {
			fmt.Fprintf(a.out, "  %-4s  %s%s\n", r.Result, r.Step, because(r.Reason))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if a.json {
		if err := writeJSON(a.out, results); err != nil {
			return err
		}
	}
	return verdict(failures, len(steps))
}

// stepTime is how long a step may last: a service answers in seconds, and an
// engine on this machine that takes longer for a few sentences is of no use.
const stepTime = time.Minute

func runStep(ctx context.Context, s backend.Step) error {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	err := s.Run(ctx)
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		e := translator.NewError("check", translator.Unavailable, fmt.Errorf("no answer within %v", stepTime))
		e.Hint = "an engine must answer each line as it comes: see that it does not buffer its output (stdbuf -oL, python -u)"
		return e
	}
	return err
}

// hopeless tells whether what follows can only fail the same way, and slowly.
func hopeless(err error) bool {
	switch translator.KindOf(err) {
	case translator.Denied, translator.Unavailable, translator.Exhausted, translator.OverBudget:
		return true
	}
	return false
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// verdict turns failed steps into the command's outcome.
func verdict(failures []error, steps int) error {
	if len(failures) == 0 {
		return nil
	}
	code := exitPartial
	for _, err := range failures {
		switch translator.KindOf(err) {
		case translator.Denied:
			code = exitDenied
		case translator.OverBudget:
			code = exitBudget
		}
	}
	e := translator.NewError("check", translator.KindOf(failures[0]), fmt.Errorf("%d of %d steps failed", len(failures), steps))
	e.Hint = translator.HintOf(failures[0])
	return &outcomeError{code: code, err: e}
}
