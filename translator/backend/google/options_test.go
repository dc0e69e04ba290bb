package google_test

import (
	"context"
	"errors"
	"math"
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
		change    func(*google.Options)
		signature translator.Signature
		price     translator.Price
	}{
		"default":     {nil, "google:v3|general/nmt|glossary:none", 20},
		"the LLM":     {func(o *google.Options) { o.Model = "general/translation-llm" }, "google:v3|general/translation-llm|glossary:none", 21},
		"a region":    {func(o *google.Options) { o.Location = "europe-west1" }, "google:v3|general/nmt|glossary:none", 20},
		"a full name": {func(o *google.Options) { o.Model = "projects/77/locations/global/models/general/nmt" }, "google:v3|general/nmt|glossary:none", 20},
		"custom":      {func(o *google.Options) { o.Location, o.Model = "us-central1", "TRL42" }, "google:v3|" + at + "models/TRL42|glossary:none", 80},
		"custom by its full name": {func(o *google.Options) {
			o.Location, o.Model = "us-central1", "projects/77/locations/us-central1/models/TRL42"
		},
			"google:v3|projects/77/locations/us-central1/models/TRL42|glossary:none", 80},
		"a glossary": {func(o *google.Options) { o.Location, o.Glossary = "us-central1", "terms" }, "google:v3|general/nmt|glossary:" + at + "glossaries/terms", 20},
		"a glossary by its full name": {func(o *google.Options) { o.Location, o.Glossary = "us-central1", at+"glossaries/terms" },
			"google:v3|general/nmt|glossary:" + at + "glossaries/terms", 20},
		"a price": {func(o *google.Options) { o.Price = 3.5 }, "google:v3|general/nmt|glossary:none", 3.5},
	} {
		b, err := google.New(t.Context(), emulator(c.change))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := b.Traits()
		if got.Signature != c.signature || got.Price != c.price || got.Name != "google" || got.Origin != translator.Machine {
			t.Errorf("%s: %+v, want signature %s and price %v", name, got, c.signature, c.price)
		}
		if err := b.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
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
		"a label without a letter":  {func(o *google.Options) { o.Labels = map[string]string{"1a": ""} }, []string{`label "1a"`}},
		"a label that is too long":  {func(o *google.Options) { o.Labels = map[string]string{long: ""} }, []string{"at most 63"}},
		"an empty label":            {func(o *google.Options) { o.Labels = map[string]string{"": "x"} }, []string{`label ""`}},
		"price not a number":        {func(o *google.Options) { o.Price = translator.Price(math.NaN()) }, []string{"usd_per_million"}},
		"connections below zero":    {func(o *google.Options) { o.Connections = -1 }, []string{"connections is -1"}},
		"a timeout below zero":      {func(o *google.Options) { o.RequestTimeout = -time.Second }, []string{"timeout"}},
		"insecure to the world":     {func(o *google.Options) { o.Endpoint = "translate.googleapis.com:443" }, []string{"insecure is only for", "translate.googleapis.com:443"}},
		"insecure to Google":        {func(o *google.Options) { o.Endpoint = "" }, []string{"insecure is only for"}},
		"insecure to a LAN address": {func(o *google.Options) { o.Endpoint = "192.168.0.7:80" }, []string{"insecure is only for"}},
		"a name like localhost":     {func(o *google.Options) { o.Endpoint = "localhost.example.com:80" }, []string{"insecure is only for"}},
		"insecure without a port":   {func(o *google.Options) { o.Endpoint = "127.0.0.1" }, []string{"insecure is only for"}},
		"endpoint with a user":      {func(o *google.Options) { o.Endpoint = "127.0.0.1:1@evil.example:80" }, []string{"endpoint"}},
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
