package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator/article"
	"dragoman/translator/format"
	"dragoman/translator/quality"
)

// An app is what the commands share: streams, global flags, and the settings
// once a command has asked for them.
type app struct {
	streams
	configFile string
	json       bool
	quiet      bool
	given      string // by flags, and what a command that is suggested is to be given too
}

// settingFlags maps flags to the keys of the configuration that they override.
// A command that has such a flag gets the key by having it.
var settingFlags = map[string]string{
	"from": "from", "to": "to", "store": "store", "out": "out", "format": "formats", "backend": "chain",
	"encoding": "encoding", "concurrency": "concurrency",
	"budget-usd": "budget.run_usd", "budget-chars": "budget.run_chars",
	"log-level": "log.level", "log-format": "log.format", "listen": "serve.listen",
}

func newRoot(std streams) *cobra.Command {
	a := &app{streams: std}
	root := &cobra.Command{
		Use:   "dragoman",
		Short: "Translate stories sentence by sentence, pay for each sentence once, write aligned pairs",
		Long: `Dragoman splits stories into sentences, sends each distinct sentence once to a
translation backend, remembers every answer, and writes aligned pairs.

` + exitHelp(),
		Example: `  dragoman translate --config samples/dragoman.yaml samples/ar
  dragoman estimate night/
  dragoman memory search القاهرة`,
		SilenceErrors: true, SilenceUsage: true, Args: noCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "", "configuration file (default ./dragoman.yaml if it is there)")
	flags.BoolVar(&a.json, "json", false, "write the result as JSON, for programs")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress and no summary, only data and errors")
	flags.String("log-level", "", "debug, info, warn or error (default info)")
	flags.String("log-format", "", "auto, console or json (default auto)")
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\nsee %s --help", err, cmd.CommandPath())}
	})
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(a.translateCommand(), a.submitCommand(), a.exportStoriesCommand(), a.estimateCommand(), a.segmentCommand(), a.memoryCommand(),
		a.checkCommand(), a.compareCommand(), a.glossaryCommand(), a.ledgerCommand(), a.scoreCommand(), a.storeCommand(),
		a.configCommand(), a.versionCommand(), a.workCommand(), a.serveCommand(), a.statusCommand())
	for _, v := range verbs {
		root.AddCommand(a.verbCommand(v))
	}
	return root
}

// noCommand refuses a word that names no command, and says which it may have been.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see " + cmd.CommandPath() + " --help"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usageError{fmt.Errorf("unknown command %q for %s\n%s", args[0], cmd.CommandPath(), hint)}
}

// arguments makes a mistake in the number of arguments a usage error.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w\nusage: %s", err, cmd.UseLine())}
		}
		return nil
	}
}

// settings reads the effective configuration of a command.
func (a *app) settings(cmd *cobra.Command) (*config.Config, error) {
	a.given = given(cmd, "config", "store")
	flags := map[string]string{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if key, ok := settingFlags[f.Name]; ok {
			flags[f.Name] = key
		}
	})
	cfg, err := config.Load(config.Options{
		File: a.configFile, Flags: cmd.Flags(), FlagKeys: flags,
		Known: map[string][]string{"formats": formatNames(), "disable_rules": article.RuleNames(), "quality.disable_rules": ruleNames()},
	})
	if err != nil {
		return nil, usageError{err}
	}
	return cfg, nil
}

// ruleNames returns the rules of quality that can be switched off.
func ruleNames() []string {
	var names []string
	for _, r := range quality.Rules() {
		names = append(names, r.Name)
	}
	return names
}

func formatNames() []string {
	var names []string
	for _, f := range format.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// logger returns a log to w. A quiet command logs errors only.
func (a *app) logger(cfg *config.Config, w io.Writer) (*zap.Logger, error) {
	level := cfg.Log.Level
	if a.quiet {
		level = "error"
	}
	return newLogger(w, level, cfg.Log.Format, isTerminal(a.err))
}

// addSettings gives a command flags for settings, by name.
func addSettings(cmd *cobra.Command, names ...string) {
	flags := cmd.Flags()
	for _, name := range names {
		switch name {
		case "from":
			flags.String("from", "", "language of the stories, a BCP 47 tag (default ar)")
		case "to":
			flags.String("to", "", "language to translate into (default en)")
		case "store":
			flags.String("store", "", "where all is kept: a file's path, postgres://USER@HOST/DATABASE, or ram: for nothing (default ./dragoman.db)")
		case "out":
			flags.String("out", "", "folder to write to (default out)")
		case "format":
			flags.StringSlice("format", nil, "what to write: "+strings.Join(formatNames(), ", ")+" (several: comma or repeat)")
		case "backend":
			flags.StringSlice("backend", nil, "backends in the order they are asked: "+strings.Join(config.BackendNames(), ", ")+" (several: comma or repeat)")
		case "encoding":
			flags.String("encoding", "", "encoding of the stories, as windows-1256 (default: recognised)")
		case "concurrency":
			flags.Int("concurrency", 0, "requests at once (default: what the backend bears)")
		case "budget":
			flags.Float64("budget-usd", 0, "stop before this run costs more, in US dollars")
			flags.Int64("budget-chars", 0, "stop before this run sends more characters")
		case "listen":
			flags.String("listen", "", "where to be watched, HOST:PORT: /metrics, /healthz, /readyz, /queue/ "+listenDefault(cmd))
		default:
			panic("no flag " + name)
		}
	}
}

// listenDefault says where a command can be watched that is not told where.
func listenDefault(cmd *cobra.Command) string {
	if cmd.Name() == "serve" {
		return "(default 127.0.0.1:8080)"
	}
	return "(default: nowhere)"
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: arguments(cobra.NoArgs),
		Example: "  dragoman version --json",
		RunE: func(*cobra.Command, []string) error {
			v := version()
			if a.json {
				return writeJSON(a.out, v)
			}
			_, err := fmt.Fprintf(a.out, "dragoman %s (%s)\n", v.Version, v.Go)
			return err
		},
	}
}

// A versionInfo is the output of version --json.
type versionInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
}

func version() versionInfo {
	v := versionInfo{Version: "devel"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Go = info.GoVersion
	if m := info.Main.Version; m != "" && m != "(devel)" {
		v.Version = m
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}
