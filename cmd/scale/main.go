// Scale says what a load of stories needs: workers, requests, money, disk, and
// where the first wall stands. It works that out twice from figures that were
// measured: by division, and by simulating bursts, workers, a service with
// limits and a database in virtual time. See translator/docs/scale.md.
//
//	go run ./cmd/scale night
//	go run ./cmd/scale --stories 5000 --service deepl --processes 2 day
//	go run ./cmd/scale figures
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(2)
	}
}

// run is the program: options, and then a scenario that they change, or "figures".
func run(args []string, w io.Writer) error {
	if len(args) == 0 {
		return errors.New("which scenario? night, day or billion, or figures")
	}
	name := args[len(args)-1]
	args = args[:len(args)-1]
	if strings.HasPrefix(name, "-") { // as in scale --help
		name, args = scenarios[0].Name, append(args, name)
	}
	if name == "figures" {
		writeFigures(w)
		return nil
	}
	i := slices.IndexFunc(scenarios, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return fmt.Errorf("%q is no scenario: there are night, day and billion, and figures", name)
	}
	s := scenarios[i]
	o, err := readOptions(args, w, &s)
	if err != nil {
		return err
	}
	report(w, s, o)
	return nil
}

// writeFigures lists what everything rests on.
func writeFigures(w io.Writer) {
	for _, f := range figureList {
		name := f.name
		if f.value != "" {
			name += ": " + f.value
		}
		fmt.Fprintf(w, "%s\n    %s\n", name, f.source)
	}
}
