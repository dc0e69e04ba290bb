package quality_test

import (
	"fmt"

	"dragoman/translator"
	"dragoman/translator/quality"
)

func ExampleChecker_Check() {
	c := quality.New(translator.Direction{From: translator.Arabic, To: translator.English}, nil)
	for _, f := range c.Check("وصلت 24 شاحنة إلى الميناء.", "The harbour received 42 lorries.") {
		fmt.Println(f.Rule, "-", f.Detail)
	}
	// Output: numbers - 24 became 42
}
