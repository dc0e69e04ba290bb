// Package google translates through Google Cloud Translation v3 (Advanced),
// with the official client over gRPC.
//
// Texts always go as text/plain: the service's default is text/html, which
// gives apostrophes and ampersands back as entities. Sizes are Unicode code
// points, as Google counts and bills them. One Translate is one call: the
// client's own retries are off, for package backend retries.
//
// Credentials are Google's application default credentials and nothing else:
// the file that GOOGLE_APPLICATION_CREDENTIALS names, the login of
// "gcloud auth application-default login", or the machine's service account.
package google

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync/atomic"

	translate "cloud.google.com/go/translate/apiv3"
	"cloud.google.com/go/translate/apiv3/translatepb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"dragoman/translator"
)

// op begins the text of every error of the package.
const op = "google"

// The limits of one request: the comments on TranslateTextRequest.contents in
// translation_service.proto, and cloud.google.com/translate/quotas.
const (
	maxTexts = 1024
	maxSize  = 30_000
)

// maxAnswer bounds one answer in bytes. 30,000 code points in any script, twice
// over for a glossary and with 1,024 model names, stay below a sixteenth of it.
const maxAnswer = 16 << 20

// A Backend is one project's Cloud Translation with one model or data set and
// at most one glossary. It is safe for concurrent use. Close it after use.
type Backend struct {
	client  *translate.TranslationClient
	opts    Options // settled
	names   names
	traits  translator.Traits
	dataset atomic.Pointer[translatepb.AdaptiveMtDataset] // once it is known
}

// New checks the options and makes a client; it sends no request to the
// service. Mistakes in the options are one Invalid error that lists them all;
// missing or unreadable credentials are Denied.
func New(ctx context.Context, opts *Options) (*Backend, error) {
	o, names, err := settle(opts)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dial, err := dialOptions(o)
	if err != nil {
		return nil, err
	}
	client, err := translate.NewTranslationClient(ctx, dial...)
	if err != nil {
		return nil, noClient(ctx, err, o)
	}
	calls := client.CallOptions // Translate sets the deadline, and nobody below retries
	calls.TranslateText, calls.AdaptiveMtTranslate, calls.GetAdaptiveMtDataset = nil, nil, nil
	o.Labels = maps.Clone(o.Labels)
	return &Backend{client: client, opts: o, names: names, traits: traitsOf(o, names)}, nil
}

// Describe returns the traits that a Backend of these options has, without
// needing credentials. Mistakes in the options are an Invalid error.
func Describe(opts *Options) (translator.Traits, error) {
	o, names, err := settle(opts)
	if err != nil {
		return translator.Traits{}, err
	}
	return traitsOf(o, names), nil
}

func dialOptions(o Options) ([]option.ClientOption, error) {
	opts := []option.ClientOption{
		option.WithUserAgent(o.UserAgent),
		option.WithTelemetryDisabled(),
		option.WithGRPCDialOption(grpc.WithDisableRetry()),
		option.WithGRPCDialOption(grpc.WithStatsHandler(watcher{})),
		option.WithGRPCDialOption(grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer))),
	}
	if o.Endpoint != "" {
		opts = append(opts, option.WithEndpoint(o.Endpoint))
	}
	if o.Insecure {
		opts = append(opts, option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	} else if o.CredentialsFile != "" {
		kind, err := credentialsType(o.CredentialsFile)
		if err != nil {
			return nil, err
		}
		opts = append(opts, option.WithAuthCredentialsFile(kind, o.CredentialsFile))
	}
	return opts, nil
}

// credentialsType reads of what type a credentials file says it is. Nothing of
// the file is in its errors.
func credentialsType(path string) (option.CredentialsType, error) {
	var file struct{ Type option.CredentialsType }
	data, err := os.ReadFile(path)
	if err == nil && (json.Unmarshal(data, &file) != nil || file.Type == "") {
		err = fmt.Errorf("%s is no credentials file: it needs a JSON object with a type", path)
	}
	if err != nil {
		e := translator.NewError(op, translator.Denied, err)
		e.Hint = "name a key file in backends.google.credentials_file, or use gcloud auth application-default login"
		return "", e
	}
	return file.Type, nil
}

func traitsOf(o Options, n names) translator.Traits {
	traits := translator.Traits{
		Name:        op,
		Signature:   n.signature,
		Origin:      translator.Machine,
		MaxTexts:    maxTexts,
		MaxSize:     o.RequestSize,
		MaxTextSize: maxSize,
		Connections: o.Connections,
		Price:       o.Price,
		TargetPrice: o.TargetPrice,
	}
	if n.dataset != "" {
		traits.MaxTexts, traits.MaxTextSize = adaptiveTexts, adaptiveSize
	}
	if o.TargetPrice > 0 {
		traits.Yield = newsYield
	}
	return traits
}

// Traits returns what must be known of the backend before it is asked.
func (b *Backend) Traits() translator.Traits { return b.traits }

// Close closes the connections. Requests still being answered fail.
func (b *Backend) Close() error {
	if err := b.client.Close(); err != nil {
		return translator.NewError(op, translator.Other, fmt.Errorf("closing the client: %w", err))
	}
	return nil
}

// Translate sends one request and waits for its answer, at most
// Options.RequestTimeout. An answer without a text is that text's Corrupt error.
func (b *Backend) Translate(ctx context.Context, req translator.Request) (translator.Response, error) {
	if err := ctx.Err(); err != nil {
		return translator.Response{}, err
	}
	if len(req.Texts) == 0 {
		return translator.Response{}, nil
	}
	if err := valid(req.Texts); err != nil {
		return translator.Response{}, err
	}
	call, cancel := context.WithTimeout(ctx, b.opts.RequestTimeout)
	defer cancel()
	if err := b.fits(ctx, call, req); err != nil {
		return translator.Response{}, err
	}
	call, seen := watch(call)
	answers, err := b.ask(call, req)
	if err != nil {
		return translator.Response{}, b.failure(ctx, err, seen, req)
	}
	return b.response(answers, len(req.Texts))
}

// ask sends the one request there is.
func (b *Backend) ask(ctx context.Context, req translator.Request) ([]answer, error) {
	if b.names.dataset != "" {
		resp, err := b.client.AdaptiveMtTranslate(ctx, b.adaptiveMessage(req))
		return b.adaptiveAnswers(resp), err
	}
	resp, err := b.client.TranslateText(ctx, b.message(req))
	return b.answers(resp), err
}

// noClient explains a client that could not be made. Without Insecure that is
// nearly always about credentials, and the library does not say which file it
// read.
func noClient(ctx context.Context, err error, o Options) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	cause := clean(err.Error(), nil)
	if o.Insecure {
		e := translator.NewError(op, translator.Invalid, errors.New(cause))
		e.Hint = "check endpoint and insecure in the configuration"
		return e
	}
	if file := os.Getenv("GOOGLE_APPLICATION_CREDENTIALS"); file != "" {
		cause = "GOOGLE_APPLICATION_CREDENTIALS=" + clean(file, nil) + ": " + cause
	}
	e := translator.NewError(op, translator.Denied, errors.New(cause))
	e.Hint = credentialsHint(o.Project)
	return e
}
