package google

import (
	"fmt"
	"regexp"
	"strings"

	"dragoman/translator"
)

// names are the full names of what a request speaks of.
type names struct {
	parent    string // projects/P/locations/L
	model     string
	glossary  string // empty is none
	dataset   string // empty is none
	signature translator.Signature
}

// What the parts of names are made of. The last parts of models and
// glossaries hold no slash; a general model's holds one.
var (
	projectID    = regexp.MustCompile(`^[a-z0-9][a-z0-9.:-]*$`)
	locationID   = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	modelID      = regexp.MustCompile(`^(?:general/)?[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	plainID      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`) // of a glossary or data set
	resourceName = regexp.MustCompile(`^projects/([a-z0-9][a-z0-9.:-]*)/locations/([a-z][a-z0-9-]*)/(models|glossaries|adaptiveMtDatasets)/(.+)$`)
)

// names makes the full names, and lists what is wrong with the short ones.
func (o *Options) names() (names, []string) {
	var wrong []string
	switch {
	case o.Project == "":
		wrong = append(wrong, "project is empty; give the id of the Google Cloud project that pays")
	case !projectID.MatchString(o.Project):
		wrong = append(wrong, fmt.Sprintf("project %q is no project id or number, as my-project", o.Project))
	}
	if !locationID.MatchString(o.Location) {
		wrong = append(wrong, fmt.Sprintf("location %q is no location, as global or us-central1", o.Location))
	}
	n := names{parent: "projects/" + o.Project + "/locations/" + o.Location}
	var mistakes []string
	n.model, mistakes = o.resource("model", "models", o.Model, modelID)
	wrong = append(wrong, mistakes...)
	if o.Glossary != "" {
		n.glossary, mistakes = o.resource("glossary", "glossaries", o.Glossary, plainID)
		wrong = append(wrong, mistakes...)
	}
	if o.Dataset != "" {
		n.dataset, mistakes = o.resource("dataset", "adaptiveMtDatasets", o.Dataset, plainID)
		wrong = append(wrong, mistakes...)
	}
	n.signature = o.signatureOf(n)
	return n, wrong
}

// resource returns the full name of a model, glossary or data set given by its
// id or its full name.
func (o *Options) resource(setting, collection, given string, id *regexp.Regexp) (string, []string) {
	project, location, last := o.Project, o.Location, given
	if m := resourceName.FindStringSubmatch(given); m != nil && m[3] == collection {
		project, location, last = m[1], m[2], m[4]
	}
	if !id.MatchString(last) {
		return "", []string{fmt.Sprintf("%s %q is no id and no name such as projects/P/locations/L/%s/ID", setting, given, collection)}
	}
	var wrong []string
	if location != o.Location {
		wrong = append(wrong, fmt.Sprintf("%s %s is in %s and location is %s; they must be the same", setting, last, location, o.Location))
	}
	if o.Location == "global" && !strings.HasPrefix(last, "general/") {
		wrong = append(wrong, fmt.Sprintf("%s %s needs a region as location, as us-central1; location is global", setting, last))
	}
	return "projects/" + project + "/locations/" + location + "/" + collection + "/" + last, wrong
}

// signatureOf names what can change an answer. A general model is the same for
// every project and in every location, so its signature holds neither: a desk
// that moves its bill to another project keeps its memory. A custom model, a
// glossary or a data set is told from others by its full name only.
func (o *Options) signatureOf(n names) translator.Signature {
	engine, glossary := general(n.model), "none"
	if n.dataset != "" {
		engine = "adaptive/" + n.dataset
	}
	if n.glossary != "" {
		glossary = n.glossary
	}
	if o.GlossaryIgnoreCase {
		glossary += "|ignore_case"
	}
	if o.GlossaryContextual {
		glossary += "|contextual"
	}
	return translator.Signature("google:v3|" + engine + "|glossary:" + glossary)
}

// general returns "general/nmt" of a general model's full name, and other
// models' names as they are.
func general(model string) string {
	if _, id, ok := strings.Cut(model, "/models/general/"); ok {
		return "general/" + id
	}
	return model
}
