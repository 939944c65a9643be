package emulator

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/scalelaw/scalelaw/trainer/cuda/library"
)

// Emulator is the emulation that this process has loaded. There is one, so a test that has it
// open makes others wait.
type Emulator struct {
	Folder string // of the libraries
	t      testing.TB
	lib    *library.Library
}

var one sync.Mutex

// Open builds and loads the emulation for a test, in its initial state, with settings such as
// "devices=2", "memory=1048576", "order=shuffled", "seed=7", "checks=0" (docs/cuda-emulation.md
// lists them). The test has it for itself until its end.
func Open(t testing.TB, settings ...string) *Emulator {
	t.Helper()
	folder := Build(t)
	one.Lock()
	t.Cleanup(one.Unlock)
	e := &Emulator{Folder: folder, t: t}
	lib, err := e.Search().Open(library.Want{What: "the emulated driver", Files: []library.File{{Name: names[0]}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	e.lib = lib
	e.Reset()
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		e.Set(name, value)
	}
	return e
}

// Search finds the emulation's libraries before any other.
func (e *Emulator) Search() library.Search { return library.Search{Named: []string{e.Folder}} }

// Set changes a setting. Devices, memory and capability count from the next cuInit on, checks
// for modules that are loaded afterwards, order and seed at once.
func (e *Emulator) Set(name, value string) {
	e.t.Helper()
	if e.call("emulatorConfigure", name, value) != 0 {
		e.t.Fatalf("the emulation has no setting %s=%s", name, value)
	}
}

// Fail makes the nth call (from 1, counted from now) of a function return a code, once. It
// replaces what was planned before.
func (e *Emulator) Fail(function string, nth, code int) {
	e.t.Helper()
	e.plan(fmt.Sprintf("%s@%d=%d", function, nth, code))
}

// Lose makes the nth call of a function, and every call of the driver after it, return a code:
// the device is lost.
func (e *Emulator) Lose(function string, nth, code int) {
	e.t.Helper()
	e.plan(fmt.Sprintf("%s@%d=%d+", function, nth, code))
}

// Heal ends all planned failures.
func (e *Emulator) Heal() { e.call("emulatorFail", "") }

func (e *Emulator) plan(text string) {
	e.t.Helper()
	if e.call("emulatorFail", text) != 0 {
		e.t.Fatalf("%s is no plan of failures", text)
	}
}

// Report is what the last fault was: kernel, thread, line, and what it did.
func (e *Emulator) Report() string { return e.text("emulatorReport") }

// Leaks lists what was not given back: objects that live, contexts that are retained, and what
// lived when its context ended.
func (e *Emulator) Leaks() []string { return lines(e.text("emulatorLeaks")) }

// Calls counts the calls of each function since the last Reset.
func (e *Emulator) Calls() map[string]int {
	counts := map[string]int{}
	for _, line := range lines(e.text("emulatorCalls")) {
		name, count, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(count)
		if err != nil {
			e.t.Fatalf("emulatorCalls: %v", err)
		}
		counts[name] = n
	}
	return counts
}

// Reset ends all contexts and brings everything back to its initial state, settings too.
func (e *Emulator) Reset() { e.call("emulatorReset") }

// call calls a function that takes up to two texts and gives an int.
func (e *Emulator) call(function string, texts ...string) int {
	e.t.Helper()
	at := e.at(function)
	var first, second []byte
	for i, text := range texts {
		if c := append([]byte(text), 0); i == 0 {
			first = c
		} else {
			second = c
		}
	}
	return int(int32(library.Call(at, uintptr(unsafe.Pointer(unsafe.SliceData(first))), uintptr(unsafe.Pointer(unsafe.SliceData(second))))))
}

// text calls a function that fills a buffer and gives the length it needs.
func (e *Emulator) text(function string) string {
	e.t.Helper()
	at := e.at(function)
	need := library.Call(at, 0, 0)
	buffer := make([]byte, need)
	library.Call(at, uintptr(unsafe.Pointer(&buffer[0])), need)
	return string(buffer[:need-1])
}

func (e *Emulator) at(function string) uintptr {
	e.t.Helper()
	at, err := e.lib.Function(function)
	if err != nil {
		e.t.Fatalf("%s: %v", function, err)
	}
	return at
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}
