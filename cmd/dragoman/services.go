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

// This file holds the services over HTTP: for each, its options from the settings.

// secret returns the key of a service.
func (o order) secret(name string) (string, error) {
	key, err := o.cfg.Services()[name].Secret()
	if err != nil {
		return "", translator.NewError(name, translator.Denied, err)
	}
	return key.Reveal(), nil
}

func openDeepL(_ context.Context, o order) (translator.Backend, error) {
	opts := deeplOptions(o)
	var err error
	if opts.Key, err = o.secret("deepl"); err != nil {
		return nil, err
	}
	return deepl.New(opts)
}

func describeDeepL(o order) (translator.Traits, error) { return deepl.Describe(deeplOptions(o)) }

func deeplOptions(o order) *deepl.Options {
	c := o.cfg.Backends.DeepL
	price, _ := o.price(c.Rates, c.ModelType, 0)
	opts := &deepl.Options{
		Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, GlossaryID: c.Glossary, Formality: c.Formality, Model: c.ModelType,
		Context: c.Context, Price: price, Connections: c.Connections,
	}
	if c.Glossary == "" {
		opts.Glossary = o.glossary
	}
	return opts
}

func openLibreTranslate(_ context.Context, o order) (translator.Backend, error) {
	opts := libreTranslateOptions(o)
	var err error
	if opts.Key, err = o.secret("libretranslate"); err != nil {
		return nil, err
	}
	return libretranslate.New(opts)
}

func describeLibreTranslate(o order) (translator.Traits, error) {
	return libretranslate.Describe(libreTranslateOptions(o))
}

func libreTranslateOptions(o order) *libretranslate.Options {
	c := o.cfg.Backends.LibreTranslate
	price, _ := o.price(c.Rates, "", 0)
	return &libretranslate.Options{
		Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, Price: price, Connections: c.Connections,
		Model: c.Model, CharLimit: c.TextChars, BatchLimit: c.RequestTexts,
	}
}

func openAzure(_ context.Context, o order) (translator.Backend, error) {
	opts := azureOptions(o)
	var err error
	if opts.Key, err = o.secret("azure"); err != nil {
		return nil, err
	}
	return azure.New(opts)
}

func describeAzure(o order) (translator.Traits, error) { return azure.Describe(azureOptions(o)) }

func azureOptions(o order) *azure.Options {
	c := o.cfg.Backends.Azure
	price, _ := o.price(c.Rates, c.Category, 0)
	return &azure.Options{
		Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, Region: c.Region, Category: c.Category, Glossary: o.glossary,
		Price: price, Connections: c.Connections,
	}
}

func openOpenAI(_ context.Context, o order) (translator.Backend, error) {
	opts := openAIOptions(o)
	var err error
	if opts.Key, err = o.secret("openai"); err != nil {
		return nil, err
	}
	return openai.New(opts)
}

func describeOpenAI(o order) (translator.Traits, error) { return openai.Describe(openAIOptions(o)) }

func openAIOptions(o order) *openai.Options {
	c := o.cfg.Backends.OpenAI
	price, target := o.price(c.Rates, c.Model, c.TargetUSDPerMillion)
	opts := &openai.Options{
		Endpoint: c.Endpoint, AllowHTTP: c.AllowHTTP, Model: c.Model, Price: price, TargetPrice: target, MaxOutput: c.MaxOutput,
		RequestTexts: c.RequestTexts, Style: c.Style, Glossary: o.glossary, Context: c.Context, Plain: c.Plain, Connections: c.Connections,
	}
	if o.glossary != nil {
		opts.Terms = glossary.New(o.glossary).For
	}
	return opts
}
