package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"dragoman/translator"
	"dragoman/translator/glossary"
)

func (a *app) glossaryCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "glossary",
		Short: "Check the file that says how terms and names are translated",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.glossaryCheckCommand())
	return cmd
}

func (a *app) glossaryCheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Read a glossary, list every mistake in it and what may not work as meant",
		Long: `Reads a glossary for the direction of --from and --to: UTF-8, columns parted by
TAB, a first line that names the two languages (ar, en, and notes if you like),
a term a line below it. Nothing is sent. Mistakes end the command with code 2,
all of them at once; warnings do not.`,
		Example: `  dragoman glossary check terms.tsv
  dragoman glossary check --from en --to ar --json terms.tsv`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.settings(cmd)
			if err != nil {
				return err
			}
			dir, err := translator.ParseDirection(cfg.From, cfg.To)
			if err != nil {
				return err
			}
			return a.withInput(args, func(r io.Reader) error { return a.checkGlossary(args[0], r, dir) })
		},
	}
	addSettings(cmd, "from", "to")
	return cmd
}

// A glossaryResult is the output of glossary check --json.
type glossaryResult struct {
	File      string             `json:"file"`
	Direction string             `json:"direction"`
	Terms     int                `json:"terms"`
	Digest    string             `json:"digest,omitempty"` // empty if there are mistakes
	Warnings  []glossary.Warning `json:"warnings"`
	Mistakes  glossary.Mistakes  `json:"mistakes"`
}

// checkGlossary says what is in a glossary and what is wrong with it.
func (a *app) checkGlossary(name string, r io.Reader, dir translator.Direction) error {
	result := glossaryResult{File: name, Direction: dir.String(), Warnings: []glossary.Warning{}, Mistakes: glossary.Mistakes{}}
	g, err := glossary.Read(name, r, dir)
	if err != nil {
		mistakes, ok := errors.AsType[glossary.Mistakes](err)
		if !a.json || !ok {
			return err
		}
		result.Mistakes = mistakes
		return errors.Join(writeJSON(a.out, result), &outcomeError{code: exitUsage, said: true, err: err})
	}
	result.Terms, result.Digest = len(g.Terms), g.Digest
	result.Warnings = append(result.Warnings, glossary.Warnings(g)...)
	if a.json {
		return writeJSON(a.out, result)
	}
	return a.tellGlossary(result)
}

func (a *app) tellGlossary(r glossaryResult) error {
	_, err := fmt.Fprintf(a.out, "%s: %s of %s, digest %s, %s\n",
		printable(r.File), count(r.Terms, "term"), r.Direction, r.Digest, count(len(r.Warnings), "warning"))
	for _, w := range r.Warnings {
		if err != nil {
			return err
		}
		about := w.Rule
		if w.Source != "" {
			about = printable(w.Source) + ": " + about
		}
		_, err = fmt.Fprintf(a.out, "  %s: %s\n", about, printable(w.Text))
	}
	return err
}
