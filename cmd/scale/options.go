package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"time"
)

// options are what is no part of a scenario.
type options struct {
	seed uint64
	most int // jobs that are simulated
}

// readOptions changes a scenario as the command line says. Help goes to w.
func readOptions(args []string, w io.Writer, s *Scenario) (options, error) {
	var o options
	f := flag.NewFlagSet("scale", flag.ContinueOnError)
	f.Uint64Var(&o.seed, "seed", 1, "of chance")
	f.IntVar(&o.most, "simulate", 10_000, "jobs at most; of a larger load a part is simulated, at the same rate")
	loadFlags(f, &s.Load)
	houseFlags(f, s)
	service := f.String("service", s.Service.Name, "google, deepl, azure, gpt-4.1-mini or gpu")
	database := f.String("database", s.House.Database.Name, "postgres or sqlite")
	changes := serviceFlags(f)
	f.SetOutput(io.Discard)
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.SetOutput(w)
			f.PrintDefaults()
		}
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q: the scenario stands last", f.Arg(0))
	}
	if err := choose(s, *service, *database); err != nil {
		return o, err
	}
	f.Visit(func(set *flag.Flag) {
		if change := changes[set.Name]; change != nil {
			change(&s.Service)
		}
		if set.Name == "processes" || set.Name == "jobs" {
			s.Runs = [][2]int{{s.House.Processes, s.House.Jobs}}
		}
	})
	return o, check(s)
}

func loadFlags(f *flag.FlagSet, l *Load) {
	f.IntVar(&l.Stories, "stories", l.Stories, "of the load")
	f.IntVar(&l.Sentences, "sentences", l.Sentences, "of a story, on the average")
	f.IntVar(&l.Chars, "chars", l.Chars, "of a sentence")
	f.Float64Var(&l.Remembered, "remembered", l.Remembered, "share of sentences that memory has")
	f.DurationVar(&l.Window, "window", l.Window, "in which stories arrive; 0 is all at the beginning")
	f.DurationVar(&l.Hours, "hours", l.Hours, "in which all must be done")
	f.Float64Var(&l.Burst, "burst", l.Burst, "stories that arrive together, on the average")
	f.IntVar(&l.Shard, "shard", l.Shard, "stories a job")
	f.Float64Var(&l.Repeats, "repeats", l.Repeats, "how often a year the load comes")
}

func houseFlags(f *flag.FlagSet, s *Scenario) {
	h := &s.House
	f.IntVar(&h.Processes, "processes", h.Processes, "that work")
	f.IntVar(&h.Jobs, "jobs", h.Jobs, "at once in each process")
	f.IntVar(&h.CPUs, "cpus", h.CPUs, "of each process")
	f.Float64Var(&h.RAM, "ram", h.RAM, "bytes, of the database's machine")
	f.Float64Var(&h.Disk, "disk", h.Disk, "bytes, for the database")
	f.BoolVar(&h.Share, "share", h.Share, "each process is given its share of the service's limits")
}

// serviceFlags returns what each of them changes, since they come after the
// service was chosen.
func serviceFlags(f *flag.FlagSet) map[string]func(*Service) {
	requests := f.Int("requests-per-minute", 0, "that the service takes")
	chars := f.Int("chars-per-minute", 0, "that the service takes")
	texts := f.Int("request-texts", 0, "texts a request")
	size := f.Int("request-chars", 0, "characters a request")
	connections := f.Int("connections", 0, "of each process")
	latency := f.Duration("latency", 0, "of an empty request")
	perChar := f.Duration("latency-per-char", 0, "more for each character")
	usd := f.Float64("usd-per-million", 0, "characters")
	return map[string]func(*Service){
		"requests-per-minute": func(s *Service) { s.Requests = *requests },
		"chars-per-minute":    func(s *Service) { s.Chars = *chars },
		"request-texts":       func(s *Service) { s.Texts = *texts },
		"request-chars":       func(s *Service) { s.Size = *size },
		"connections":         func(s *Service) { s.Connections = *connections },
		"latency":             func(s *Service) { s.Latency = *latency },
		"latency-per-char":    func(s *Service) { s.PerChar = *perChar },
		"usd-per-million":     func(s *Service) { s.USD = *usd },
	}
}

// choose takes a service and a database by their names.
func choose(s *Scenario, service, database string) error {
	i := slices.IndexFunc(services, func(v Service) bool { return v.Name == service })
	k := slices.IndexFunc(databases, func(d Database) bool { return d.Name == database })
	if i < 0 || k < 0 {
		return fmt.Errorf("service %q or database %q is none of those that are known", service, database)
	}
	s.Service, s.House.Database = services[i], databases[k]
	return nil
}

// check refuses what no arithmetic has an answer to.
func check(s *Scenario) error {
	l, h, v := s.Load, s.House, s.Service
	switch {
	case l.Stories < 1 || l.Sentences < 1 || l.Chars < 1 || l.Shard < 1:
		return errors.New("stories, sentences, chars and shard must be 1 or more")
	case l.Remembered < 0 || l.Remembered >= 1:
		return errors.New("remembered must be 0 or more and below 1")
	case l.Hours < time.Minute || l.Window < 0 || l.Repeats < 0:
		return errors.New("hours must be a minute or more; window and repeats 0 or more")
	case h.Processes < 1 || h.Jobs < 1 || h.CPUs < 1 || v.Connections < 1:
		return errors.New("processes, jobs, cpus and connections must be 1 or more")
	case v.Texts < 1 || v.Size < l.Chars:
		return errors.New("a request must have room for one sentence")
	case v.Chars > 0 && v.Chars < v.fit(l.Chars)*l.Chars:
		return errors.New("a full request must fit into a minute of the service: lower request-chars")
	case h.Database.Name == "sqlite" && h.Processes > 1:
		return errors.New("one process works a SQLite store")
	}
	return nil
}
