package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"dragoman/config"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the effective settings and where each came from",
		Long: `Shows every setting with its value and where it was set: the default, a line of
the file, a variable of the environment, or a flag. Secrets are masked.`,
		Example: `  dragoman config --config samples/dragoman.yaml
  DRAGOMAN_BUDGET_RUN_USD=5 dragoman config --json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.settings(cmd)
			if err != nil {
				return err
			}
			settings := config.Settings(cfg)
			if a.json {
				return writeJSON(a.out, settings)
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, s := range settings {
				fmt.Fprintf(w, "%s\t%s\t%s\n", s.Key, s.Text(), s.Source)
			}
			return w.Flush()
		},
	}
	addSettings(cmd, "from", "to", "store", "out", "format", "backend", "encoding", "concurrency", "budget", "listen")
	return cmd
}
