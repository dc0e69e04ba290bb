package main

import (
	"context"

	"dragoman/translator"
	"dragoman/translator/backend/azure"
	"dragoman/translator/backend/deepl"
	"dragoman/translator/backend/libretranslate"
	"dragoman/translator/backend/openai"
	"dragoman/translator/glossary"
)

// This file holds the services over HTTP: for each, its options from the
// settings, with a key that is empty where it is only described.

// service returns the driver of a service over HTTP, from its options and the
// two functions of its package.
func service[O any, B translator.Backend](
	name string, options func(order, string) *O, open func(*O) (B, error), describe func(*O) (translator.Traits, error),
) driver {
	return driver{
		open: func(_ context.Context, o order) (translator.Backend, error) {
			key, err := o.cfg.Services()[name].Secret()
			if err != nil {
				return nil, translator.NewError(name, translator.Denied, err)
			}
			return open(options(o, key.Reveal()))
		},
		describe: func(o order) (translator.Traits, error) { return describe(options(o, "")) },
	}
}

func deeplOptions(o order, key string) *deepl.Options {
	c := o.cfg.Backends.DeepL
	price, _ := o.price(c.Rates, c.ModelType, 0)
	opts := &deepl.Options{
		Key: key, Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, GlossaryID: c.Glossary, Formality: c.Formality, Model: c.ModelType,
		Context: c.Context, Price: price, Connections: c.Connections,
	}
	if c.Glossary == "" {
		opts.Glossary = o.glossary
	}
	return opts
}

func libreTranslateOptions(o order, key string) *libretranslate.Options {
	c := o.cfg.Backends.LibreTranslate
	price, _ := o.price(c.Rates, "", 0)
	return &libretranslate.Options{
		Key: key, Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, Price: price, Connections: c.Connections,
		Model: c.Model, CharLimit: c.TextChars, BatchLimit: c.RequestTexts,
	}
}

func azureOptions(o order, key string) *azure.Options {
	c := o.cfg.Backends.Azure
	price, _ := o.price(c.Rates, c.Category, 0)
	return &azure.Options{
		Key: key, Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, Region: c.Region, Category: c.Category, Glossary: o.glossary,
		Price: price, Connections: c.Connections,
	}
}

func openAIOptions(o order, key string) *openai.Options {
	c := o.cfg.Backends.OpenAI
	price, target := o.price(c.Rates, c.Model, c.TargetUSDPerMillion)
	opts := &openai.Options{
		Key: key, Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, Model: c.Model, Price: price, TargetPrice: target, MaxOutput: c.MaxOutput,
		RequestTexts: c.RequestTexts, Style: c.Style, Glossary: o.glossary, Context: c.Context, Plain: c.Plain, Connections: c.Connections,
	}
	if o.glossary != nil {
		opts.Terms = glossary.New(o.glossary).For
	}
	return opts
}
