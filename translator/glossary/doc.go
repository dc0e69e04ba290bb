// Package glossary reads the file in which a desk says how its terms and names
// are translated, and finds them in sentences and in their translations. What
// the file looks like, when a term counts as found, and what each backend does
// with it is written in translator/docs/glossary.md.
package glossary
