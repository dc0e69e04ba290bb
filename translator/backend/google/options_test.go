package google_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"dragoman/translator"
	"dragoman/translator/backend/google"
)

// emulator returns options that need no account and no server.
func emulator(change func(*google.Options)) *google.Options {
	o := &google.Options{Project: "desk-1", Endpoint: "127.0.0.1:9", Insecure: true}
	if change != nil {
		change(o)
	}
	return o
}

func TestTraits(t *testing.T) {
	t.Parallel()
	const at = "projects/desk-1/locations/us-central1/"
	for name, c := range map[string]struct {
		opts      google.Options
		signature translator.Signature
		price     translator.Price
		back      translator.Price
	}{
		"default":                 {google.Options{}, "google:v3|general/nmt|glossary:none", 20, 0},
		"the LLM":                 {google.Options{Model: "general/translation-llm"}, "google:v3|general/translation-llm|glossary:none", 10, 10},
		"the LLM in a region":     {google.Options{Location: "us-central1", Model: "general/translation-llm"}, "google:v3|general/translation-llm|glossary:none", 10, 10},
		"a region":                {google.Options{Location: "europe-west1"}, "google:v3|general/nmt|glossary:none", 20, 0},
		"a full name":             {google.Options{Model: "projects/77/locations/global/models/general/nmt"}, "google:v3|general/nmt|glossary:none", 20, 0},
		"custom":                  {google.Options{Location: "us-central1", Model: "TRL42"}, "google:v3|" + at + "models/TRL42|glossary:none", 80, 0},
		"custom by its full name": {google.Options{Location: "us-central1", Model: "projects/77/locations/us-central1/models/TRL42"}, "google:v3|projects/77/locations/us-central1/models/TRL42|glossary:none", 80, 0},
		"a glossary":              {google.Options{Location: "us-central1", Glossary: "terms"}, "google:v3|general/nmt|glossary:" + at + "glossaries/terms", 20, 0},
		"a glossary by its full name": {google.Options{Location: "us-central1", Glossary: at + "glossaries/terms"},
			"google:v3|general/nmt|glossary:" + at + "glossaries/terms", 20, 0},
		"a glossary in any case": {google.Options{Location: "us-central1", Glossary: "terms", GlossaryIgnoreCase: true},
			"google:v3|general/nmt|glossary:" + at + "glossaries/terms|ignore_case", 20, 0},
		"a glossary in context": {google.Options{Location: "us-central1", Glossary: "terms", GlossaryIgnoreCase: true, GlossaryContextual: true},
			"google:v3|general/nmt|glossary:" + at + "glossaries/terms|ignore_case|contextual", 20, 0},
		"a data set": {google.Options{Location: "us-central1", Dataset: "wire"},
			"google:v3|adaptive/" + at + "adaptiveMtDatasets/wire|glossary:none", 25, 25},
		"a data set by its full name": {google.Options{Location: "us-central1", Dataset: at + "adaptiveMtDatasets/wire", Glossary: "terms"},
			"google:v3|adaptive/" + at + "adaptiveMtDatasets/wire|glossary:" + at + "glossaries/terms", 25, 25},
		"a price":              {google.Options{Price: 3.5}, "google:v3|general/nmt|glossary:none", 3.5, 0},
		"a price of what came": {google.Options{Model: "general/translation-llm", TargetPrice: 4}, "google:v3|general/translation-llm|glossary:none", 10, 4},
	} {
		got := traits(t, c.opts)
		if got.Signature != c.signature || got.Price != c.price || got.TargetPrice != c.back || got.Name != "google" || got.Origin != translator.Machine {
			t.Errorf("%s: %+v, want signature %s and prices %v and %v", name, got, c.signature, c.price, c.back)
		}
		if priced := got.Yield.Least > 0 && got.Yield.Most > got.Yield.Least; priced != (c.back > 0) {
			t.Errorf("%s: yield %v with a price of %v for what comes back", name, got.Yield, c.back)
		}
	}
}

// traits returns what New and Describe both say of the options.
func traits(t *testing.T, o google.Options) translator.Traits {
	t.Helper()
	opts := emulator(func(e *google.Options) { o.Project, o.Endpoint, o.Insecure = e.Project, e.Endpoint, e.Insecure; *e = o })
	b, err := google.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	described, err := google.Describe(opts)
	if err != nil || !reflect.DeepEqual(described, b.Traits()) {
		t.Errorf("Describe says %+v, %v and Traits %+v", described, err, b.Traits())
	}
	return b.Traits()
}

// The estimate for the language model is around its two prices and the mean
// yield, 20.7 dollars for a million code points of Arabic.
func TestEstimate(t *testing.T) {
	t.Parallel()
	llm := traits(t, google.Options{Model: "general/translation-llm"})
	least, most := llm.Cost(34, 1_000_000)
	if least != 15_800_000 || most != 27_200_000 {
		t.Errorf("a million code points cost %v to %v, want 15.80 to 27.20", least, most)
	}
	if least, most := traits(t, google.Options{}).Cost(34, 1_000_000); least != most || least != 20_000_000 {
		t.Errorf("NMT costs %v to %v, want 20 either way", least, most)
	}
}

func TestSizesOfRequests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts                          google.Options
		texts, size, one, connections int
	}{
		"default":               {google.Options{}, 1024, 30_000, 30_000, 8},
		"a smaller request":     {google.Options{RequestSize: 7_000}, 1024, 7_000, 30_000, 8},
		"a data set":            {google.Options{Location: "us-central1", Dataset: "wire"}, 32, 5_000, 5_000, 1},
		"a data set, too large": {google.Options{Location: "us-central1", Dataset: "wire", RequestSize: 7_000}, 32, 5_000, 5_000, 1},
		"a data set, smaller":   {google.Options{Location: "us-central1", Dataset: "wire", RequestSize: 900, Connections: 2}, 32, 900, 5_000, 2},
	} {
		got := traits(t, c.opts)
		if got.MaxTexts != c.texts || got.MaxSize != c.size || got.MaxTextSize != c.one || got.Connections != c.connections {
			t.Errorf("%s: %d texts, size %d, of one %d, %d connections", name, got.MaxTexts, got.MaxSize, got.MaxTextSize, got.Connections)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	for name, c := range map[string]struct {
		change func(*google.Options)
		want   []string // all in one error
	}{
		"several at once": {func(o *google.Options) {
			*o = google.Options{Glossary: "terms", Labels: map[string]string{"Desk": "x", "b": "X", "a": long}, Price: -1, Endpoint: "http://x/"}
		}, []string{"project is empty", "glossary terms needs a region", `label "Desk"`, "label a: its value", "label b: its value", "usd_per_million is -1", `endpoint "http://x/"`}},
		"project is a name":    {func(o *google.Options) { o.Project = "projects/desk" }, []string{`project "projects/desk"`}},
		"location in capitals": {func(o *google.Options) { o.Location = "US" }, []string{`location "US"`}},
		"custom and global":    {func(o *google.Options) { o.Model = "TRL42" }, []string{"model TRL42 needs a region"}},
		"model elsewhere": {func(o *google.Options) {
			o.Location, o.Model = "us-central1", "projects/p/locations/europe-west1/models/M"
		}, []string{"model M is in europe-west1 and location is us-central1"}},
		"a model that is none": {func(o *google.Options) { o.Model = "gpt/4|x" }, []string{`model "gpt/4|x"`}},
		"a glossary as model":  {func(o *google.Options) { o.Model = "projects/p/locations/global/glossaries/g" }, []string{"model \"projects/p/"}},
		"glossary elsewhere": {func(o *google.Options) {
			o.Location, o.Glossary = "us-central1", "projects/p/locations/us-east1/glossaries/g"
		}, []string{"glossary g is in us-east1"}},
		"a data set and global": {func(o *google.Options) { o.Dataset = "wire" }, []string{"dataset wire needs a region"}},
		"a data set elsewhere": {func(o *google.Options) {
			o.Location, o.Dataset = "us-central1", "projects/p/locations/europe-west1/adaptiveMtDatasets/wire"
		}, []string{"dataset wire is in europe-west1 and location is us-central1"}},
		"a glossary as data set": {func(o *google.Options) {
			o.Location, o.Dataset = "us-central1", "projects/p/locations/us-central1/glossaries/g"
		}, []string{`dataset "projects/p/`}},
		"a data set and what it cannot have": {func(o *google.Options) {
			o.Location, o.Dataset, o.Model, o.Labels = "us-central1", "wire", "general/translation-llm", map[string]string{"desk": "night"}
		}, []string{`dataset and model "general/translation-llm" exclude each other`, "labels cannot be sent with a dataset"}},
		"a glossary's settings alone":   {func(o *google.Options) { o.GlossaryContextual = true }, []string{"glossary is empty"}},
		"a negative price of what came": {func(o *google.Options) { o.TargetPrice = -1 }, []string{"target_usd_per_million is -1"}},
		"a label without a letter":      {func(o *google.Options) { o.Labels = map[string]string{"1a": ""} }, []string{`label "1a"`}},
		"a label that is too long":      {func(o *google.Options) { o.Labels = map[string]string{long: ""} }, []string{"at most 63"}},
		"an empty label":                {func(o *google.Options) { o.Labels = map[string]string{"": "x"} }, []string{`label ""`}},
		"price not a number":            {func(o *google.Options) { o.Price = translator.Price(math.NaN()) }, []string{"usd_per_million"}},
		"connections below zero":        {func(o *google.Options) { o.Connections = -1 }, []string{"connections is -1"}},
		"a timeout below zero":          {func(o *google.Options) { o.RequestTimeout = -time.Second }, []string{"timeout"}},
		"insecure to the world":         {func(o *google.Options) { o.Endpoint = "translate.googleapis.com:443" }, []string{"insecure is only for", "translate.googleapis.com:443"}},
		"insecure to Google":            {func(o *google.Options) { o.Endpoint = "" }, []string{"insecure is only for"}},
		"insecure to a LAN address":     {func(o *google.Options) { o.Endpoint = "192.168.0.7:80" }, []string{"insecure is only for"}},
		"a name like localhost":         {func(o *google.Options) { o.Endpoint = "localhost.example.com:80" }, []string{"insecure is only for"}},
		"insecure without a port":       {func(o *google.Options) { o.Endpoint = "127.0.0.1" }, []string{"insecure is only for"}},
		"endpoint with a user":          {func(o *google.Options) { o.Endpoint = "127.0.0.1:1@evil.example:80" }, []string{"endpoint"}},
	} {
		_, err := google.New(t.Context(), emulator(c.change))
		if !errors.Is(err, translator.Invalid) || translator.HintOf(err) == "" {
			t.Errorf("%s: %v, want Invalid with a hint", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", name, err, want)
			}
		}
		if got := strings.Count(err.Error(), "; "); len(c.want) > 2 && got < len(c.want)-1 {
			t.Errorf("%s: only %d mistakes in %q", name, got+1, err)
		}
	}
}

func TestLoopbacks(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"127.0.0.1:1", "127.8.0.9:1", "[::1]:1", "localhost:1"} {
		b, err := google.New(t.Context(), emulator(func(o *google.Options) { o.Endpoint = endpoint }))
		if err != nil {
			t.Errorf("%s: %v", endpoint, err)
			continue
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNoOptions(t *testing.T) {
	t.Parallel()
	if _, err := google.New(t.Context(), nil); !errors.Is(err, translator.Invalid) || !strings.Contains(err.Error(), "project is empty") {
		t.Errorf("%v, want that project is empty", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := google.New(ctx, emulator(nil)); err != context.Canceled {
		t.Errorf("%v, want context.Canceled as it is", err)
	}
}

// A map has no order, and the same mistakes must read the same every time.
func TestMistakesAreSorted(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"E": "", "D": "", "C": "", "B": "", "A": ""}
	_, err := google.New(t.Context(), emulator(func(o *google.Options) { o.Labels = labels }))
	last := -1
	for _, label := range []string{`"A"`, `"B"`, `"C"`, `"D"`, `"E"`} {
		at := strings.Index(err.Error(), label)
		if at <= last {
			t.Fatalf("label %s is out of order in %q", label, err)
		}
		last = at
	}
}
