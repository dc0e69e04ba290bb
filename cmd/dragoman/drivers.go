package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.uber.org/zap"

	"dragoman/config"
	"dragoman/translator"
	"dragoman/translator/backend"
	"dragoman/translator/backend/azure"
	"dragoman/translator/backend/command"
	"dragoman/translator/backend/deepl"
	"dragoman/translator/backend/google"
	"dragoman/translator/backend/libretranslate"
	"dragoman/translator/backend/openai"
	"dragoman/translator/backend/pseudo"
	"dragoman/translator/backend/tmx"
	"dragoman/translator/format"
	"dragoman/translator/glossary"
	"dragoman/translator/quality"
	"dragoman/translator/trace"
	"dragoman/translator/web"
)

// An order is what drivers are built from.
type order struct {
	cfg      *config.Config
	dir      translator.Direction
	glossary *translator.Glossary // nil is none
	checker  *quality.Checker
	log      *zap.Logger
	// around, if set, is put around every driver, next to it.
	around func(translator.Backend) translator.Backend
	// rest is how long an engine of a chain that has stopped stays so before it
	// is opened anew; 0 is for good.
	rest time.Duration
	// metrics counts what the backends do, and tracer follows it; nil is none.
	metrics *web.Metrics
	tracer  *trace.Tracer
}

// newOrder reads what the settings name: the direction's glossary.
func newOrder(cfg *config.Config, dir translator.Direction, log *zap.Logger) (order, error) {
	o := order{cfg: cfg, dir: dir, log: log}
	opts := &quality.Options{Disable: cfg.Quality.DisableRules}
	if path := cfg.Glossary(); path != "" {
		g, err := readGlossary(path, dir)
		if err != nil {
			return order{}, err
		}
		o.glossary, opts.Terms = g, glossary.New(g).Missing
	}
	o.checker = quality.New(dir, opts)
	return o, nil
}

// judge puts the checks of pairs around a driver.
func (o order) judge(b translator.Backend) translator.Backend {
	return quality.Judge(b, func(translator.Direction) *quality.Checker { return o.checker })
}

// A driver is how one backend is built. A backend whose describe is nil is
// built to learn its traits.
type driver struct {
	open     func(context.Context, order) (translator.Backend, error)
	describe func(order) (translator.Traits, error) // without needing credentials
}

// drivers holds every backend by its name in the configuration: a new one
// takes one line here.
var drivers = map[string]driver{
	"google":         {openGoogle, describeGoogle},
	"deepl":          service("deepl", deeplOptions, deepl.New, deepl.Describe),
	"azure":          service("azure", azureOptions, azure.New, azure.Describe),
	"libretranslate": service("libretranslate", libreTranslateOptions, libretranslate.New, libretranslate.Describe),
	"openai":         service("openai", openAIOptions, openai.New, openai.Describe),
	"tmx":            {open: openTMX},
	"command":        {open: openCommand},
	"pseudo":         {open: func(context.Context, order) (translator.Backend, error) { return pseudo.New(nil), nil }},
}

// open builds the driver of one backend.
func (o order) open(ctx context.Context, name string) (translator.Backend, error) {
	d, ok := drivers[name]
	if !ok {
		return nil, translator.NewError("backend", translator.Invalid, fmt.Errorf("there is no backend %q", name))
	}
	b, err := d.open(ctx, o)
	if err != nil || o.around == nil {
		return b, err
	}
	return o.around(b), nil
}

// traits returns a backend's traits without needing what only asking it needs.
func (o order) traits(ctx context.Context, name string) (translator.Traits, error) {
	if d := drivers[name]; d.describe != nil {
		return d.describe(o)
	}
	b, err := o.open(ctx, name)
	if err != nil {
		return translator.Traits{}, err
	}
	return b.Traits(), translator.Close(b)
}

// price returns what the settings say a backend costs in this order's
// direction: 0 where they leave it to the driver.
func (o order) price(r config.Rates, model string, target float64) (sent, back translator.Price) {
	s, b := r.PriceOf(o.cfg.From, o.cfg.To, model)
	if b < 0 {
		b = target
	}
	return translator.Price(s), translator.Price(b)
}

// pace returns what the settings say about how fast a backend may be fed.
func pace(name string, cfg *config.Config) backend.Pace {
	if name == "google" {
		g := cfg.Backends.Google
		p := backend.Pace{RequestsPerMinute: g.RequestsPerMinute, SizePerMinute: int(g.CharsPerMinute)}
		if g.Dataset != "" && p.RequestsPerMinute == 0 {
			p.RequestsPerMinute = 60 // Google's guide to Adaptive MT: a request a second for a project
		}
		return p
	}
	s := cfg.Services()[name]
	return backend.Pace{RequestsPerMinute: s.RequestsPerMinute, SizePerMinute: int(s.UnitsPerMinute)}
}

func openGoogle(ctx context.Context, o order) (translator.Backend, error) {
	return google.New(ctx, googleOptions(o))
}

func describeGoogle(o order) (translator.Traits, error) { return google.Describe(googleOptions(o)) }

func googleOptions(o order) *google.Options {
	c := o.cfg.Backends.Google
	price, target := o.price(c.Rates, c.Model, c.TargetUSDPerMillion)
	return &google.Options{
		Project: c.Project, Location: c.Location, Model: c.Model, Dataset: c.Dataset, Labels: c.Labels,
		Glossary: c.Glossary, GlossaryIgnoreCase: c.GlossaryIgnoreCase, GlossaryContextual: c.GlossaryContextual,
		RequestSize: c.RequestChars, Endpoint: c.Endpoint, Insecure: c.Insecure, CredentialsFile: c.CredentialsFile,
		Price: price, TargetPrice: target, Connections: c.Connections,
	}
}

func openCommand(_ context.Context, o order) (translator.Backend, error) {
	c := o.cfg.Backends.Command
	price, _ := o.price(c.Rates, "", 0)
	return command.New(&command.Options{
		Argv: c.Argv, Protocol: command.Protocol(c.Protocol), Timeout: c.Timeout, Processes: c.Processes, Price: price,
	})
}

func openTMX(_ context.Context, o order) (b translator.Backend, err error) {
	err = readTMX(o.cfg.Backends.TMX.File, o.dir, func(pairs translator.Pairs) error {
		b, err = tmx.New(pairs, nil)
		return err
	})
	return b, err
}

// readTMX runs do on the pairs of a TMX file.
func readTMX(path string, dir translator.Direction, do func(translator.Pairs) error) error {
	f, err := os.Open(path)
	if err != nil {
		e := translator.NewError("tmx", translator.Invalid, err)
		e.Hint = "name a TMX file in backends.tmx.file"
		return e
	}
	defer f.Close()
	return do(format.ReadTMX(path, f, dir, nil))
}

// readGlossary reads the glossary of a direction.
func readGlossary(path string, dir translator.Direction) (*translator.Glossary, error) {
	f, err := os.Open(path)
	if err != nil {
		e := translator.NewError("glossary", translator.Invalid, err)
		e.Hint = "name a TSV file for " + dir.String() + " in glossaries, or remove the line"
		return nil, e
	}
	defer f.Close()
	return glossary.Read(path, f, dir)
}
