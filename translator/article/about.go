package article

import (
	"encoding/json"
	"strings"

	"golang.org/x/net/html"
)

// An about is what a page says of itself, each field from the source that is
// trusted most: JSON-LD, then meta elements, then its visible elements.
type about struct {
	ldHeadline, ogTitle, h1, title string
	author, published, lang        string
	canonical, site                string
}

// headline prefers the page's main heading to a longer title that begins with
// it: the rest is the site's name.
func (a about) headline() string {
	for _, h := range []string{a.ldHeadline, a.ogTitle, a.h1, a.title} {
		if h = oneLine(h); h == "" {
			continue
		}
		if h1 := oneLine(a.h1); h1 != "" && strings.HasPrefix(fold(h), fold(h1)) {
			return h1
		}
		return h
	}
	return ""
}

func (a about) meta() map[string]string {
	m := make(map[string]string)
	for key, value := range map[string]string{"canonical": a.canonical, "site": a.site} {
		if value = oneLine(value); value != "" {
			m[key] = value
		}
	}
	return m
}

// readAbout collects what a page says of itself.
func readAbout(doc *html.Node) about {
	var a about
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "html":
			first(&a.lang, value(n, "lang"))
		case "meta":
			a.readMeta(n)
		case "link":
			if value(n, "rel") == "canonical" {
				first(&a.canonical, value(n, "href"))
			}
		case "title":
			if n.Parent != nil && n.Parent.Data == "head" {
				first(&a.title, innerText(n))
			}
		case "h1":
			first(&a.h1, innerText(n))
		case "script":
			if strings.EqualFold(value(n, "type"), "application/ld+json") {
				a.readLinkedData(innerText(n))
			}
		}
	}
	return a
}

func (a *about) readMeta(n *html.Node) {
	content := value(n, "content")
	switch strings.ToLower(value(n, "property") + value(n, "name") + value(n, "http-equiv")) {
	case "og:title":
		first(&a.ogTitle, content)
	case "og:site_name":
		first(&a.site, content)
	case "author", "article:author":
		first(&a.author, content)
	case "article:published_time", "date", "pubdate", "datepublished":
		first(&a.published, content)
	case "content-language":
		first(&a.lang, content)
	}
}

// readLinkedData takes the first article of a JSON-LD script. A broken script says nothing.
func (a *about) readLinkedData(script string) {
	var v any
	if json.Unmarshal([]byte(script), &v) != nil {
		return
	}
	ld := findArticle(v, 0)
	if ld == nil || a.ldHeadline != "" {
		return
	}
	a.ldHeadline = html.UnescapeString(str(ld["headline"]))
	// JSON-LD is trusted more than what stands elsewhere.
	replace(&a.published, str(ld["datePublished"]))
	replace(&a.author, html.UnescapeString(authors(ld["author"])))
	if a.lang == "" {
		a.lang = str(ld["inLanguage"])
	}
}

// findArticle looks for an object whose @type is an article, in lists and graphs too.
func findArticle(v any, depth int) map[string]any {
	if depth > 8 {
		return nil
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if found := findArticle(item, depth+1); found != nil {
				return found
			}
		}
	case map[string]any:
		kinds, ok := v["@type"].([]any)
		if !ok {
			kinds = []any{v["@type"]}
		}
		for _, k := range kinds {
			if strings.HasSuffix(str(k), "Article") || str(k) == "BlogPosting" {
				return v
			}
		}
		return findArticle(v["@graph"], depth+1)
	}
	return nil
}

// authors returns the names of an author, who may be a string, an object or a list.
func authors(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		return str(v["name"])
	case []any:
		var names []string
		for _, item := range v {
			if _, list := item.([]any); list {
				continue
			}
			if name := authors(item); name != "" {
				names = append(names, name)
			}
		}
		return strings.Join(names, ", ")
	}
	return ""
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

// first sets a field that is still empty; replace sets it if there is a value.
func first(field *string, value string) {
	if *field == "" {
		*field = strings.TrimSpace(value)
	}
}

func replace(field *string, value string) {
	if value = strings.TrimSpace(value); value != "" {
		*field = value
	}
}

func value(n *html.Node, key string) string {
	if v := attr(n, key); v != nil {
		return *v
	}
	return ""
}

func innerText(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.FieldsFunc(b.String(), isHTMLSpace), " ")
}
