package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"dragoman/config"
	"dragoman/translator"
)

func (a *app) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a SQLite store as it is now into a new file, also while it is at work",
		Long: `Writes all that the configured store holds, memory, ledger, stories and jobs, as it is at one moment. The
file has its name only when it is whole and on the disk; one that is there already is not written over. It needs as
much room as the store has data.

A PostgreSQL store is backed up with PostgreSQL's own tools, as pg_dump.`,
		Example: `  dragoman store backup night.db
  dragoman store backup --store wire.db /backup/wire-2026-11-28.db`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withExisting(cmd, func(ctx context.Context, _ *config.Config, db database) error {
				return a.backup(ctx, db, args[0])
			})
		},
	}
	addSettings(cmd, "store")
	return cmd
}

func (a *app) backup(ctx context.Context, db database, path string) error {
	s, ok := db.(interface {
		Backup(ctx context.Context, path string) error
	})
	if !ok {
		err := translator.NewError("store backup", translator.Unsupported, errors.New("only a SQLite store is a file of its own"))
		err.Hint = "back PostgreSQL up with its own tools, as pg_dump --schema=dragoman"
		return err
	}
	if err := s.Backup(ctx, path); err != nil {
		return err
	}
	if a.json {
		return writeJSON(a.out, map[string]string{"backup": path})
	}
	if a.quiet {
		return nil
	}
	_, err := fmt.Fprintf(a.out, "backed up to %s\n", printable(path))
	return err
}
