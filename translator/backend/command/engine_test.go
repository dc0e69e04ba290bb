package command

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMain makes this test binary an engine when it is started as one.
func TestMain(m *testing.M) {
	if mode := os.Getenv("TEST_ENGINE"); mode != "" {
		runEngine(mode)
		return
	}
	os.Exit(m.Run())
}

// runEngine answers standard input. The mode is "protocol fault at times":
// the first times processes have the fault at their at-th text.
func runEngine(mode string) {
	var protocol, fault string
	var at, times int
	fmt.Sscan(mode, &protocol, &fault, &at, &times)
	if born() > times {
		fault = "none"
	}
	fmt.Fprintln(os.Stderr, "loading the model")
	if fault == "stillborn" {
		fmt.Fprintln(os.Stderr, "no such model\x1b[0m")
		os.Exit(3)
	}
	if fault == "banner" {
		fmt.Println("engine 1.0")
	}
	in := bufio.NewScanner(os.Stdin)
	for n := 0; in.Scan(); {
		if strings.Contains(in.Text(), mark) {
			reply(protocol, in.Text())
			continue
		}
		if n++; n == at && misbehave(protocol, fault, in.Text()) {
			continue
		}
		reply(protocol, in.Text())
	}
}

// born counts the processes that use one folder, as this one starts.
func born() int {
	dir := os.Getenv("TEST_ENGINE_DIR")
	for n := 1; ; n++ {
		f, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(n)), os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			f.Close()
			return n
		}
	}
}

func reply(protocol, line string) {
	if protocol == "lines" {
		fmt.Println("<" + line + ">")
		return
	}
	var q question
	if err := json.Unmarshal([]byte(line), &q); err != nil {
		panic(err)
	}
	if strings.Contains(q.Text, "refuse me") {
		fmt.Printf("{\"id\":%q,\"error\":\"no thanks\"}\n", q.ID)
		return
	}
	sayJSON(q.ID, q.Text)
}

func sayJSON(id, text string) {
	out, _ := json.Marshal(map[string]string{"id": id, "text": "<" + text + ">"})
	fmt.Println(string(out))
}

// misbehave does the fault in place of an answer; false answers as well.
func misbehave(protocol, fault, line string) bool {
	switch fault {
	case "drop":
	case "extra":
		fmt.Println("<one too many>")
		return false
	case "late extra":
		reply(protocol, line)
		time.Sleep(50 * time.Millisecond)
		fmt.Println("<one too many>")
	case "die":
		os.Exit(7)
	case "hang":
		time.Sleep(time.Hour)
	case "partial":
		fmt.Print("<half a")
		os.Exit(7)
	case "giant":
		fmt.Println(strings.Repeat("x", maxLine+1))
	case "empty":
		fmt.Println()
	case "garbage":
		fmt.Println("\xff\x00{]")
	case "nulltext":
		fmt.Println(`{"id":"1","text":null}`)
	case "unknown":
		sayJSON("no such id", line)
	case "repeat":
		reply(protocol, line)
		return false
	default:
		return false
	}
	return true
}
