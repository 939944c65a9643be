package nvrtc

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cache is one in a folder of its own and what it says.
func cache(t *testing.T) (Cache, *[]string) {
	var said []string
	return Cache{Folder: filepath.Join(t.TempDir(), "kernels"), Warn: func(w string) { said = append(said, w) }}, &said
}

func TestCacheKeepsCubins(t *testing.T) {
	c := compiler(t)
	k, said := cache(t)
	first, kept, err := k.Entry(c, program(), 13000).Cubin()
	if err != nil || kept {
		t.Fatalf("kept %t, %v", kept, err)
	}
	second, kept, err := k.Entry(c, program(), 13000).Cubin()
	if err != nil || !kept || !bytes.Equal(first, second) {
		t.Errorf("kept %t, %v, equal %t", kept, err, bytes.Equal(first, second))
	}
	if len(*said) != 0 {
		t.Error(*said)
	}
	if left, _ := filepath.Glob(filepath.Join(k.Folder, "new-*")); left != nil {
		t.Errorf("left: %v", left)
	}
}

func TestEverythingThatDecidesACubinIsInItsKey(t *testing.T) {
	k := Cache{Folder: "f"}
	c := &Compiler{version: 13000}
	files := []string{k.Entry(c, program(), 13000).file, k.Entry(&Compiler{version: 12090}, program(), 13000).file, k.Entry(c, program(), 12040).file}
	for _, change := range []func(*Program){
		func(p *Program) { p.Source += " " },
		func(p *Program) { p.Name = "thrice.cu" },
		func(p *Program) { p.Arch = "sm_90" },
		func(p *Program) { p.Options = []string{"-DFACTOR=3.0f"} },
		func(p *Program) { p.Options = append(p.Options, "-lineinfo") },
	} {
		p := program()
		change(&p)
		files = append(files, k.Entry(c, p, 13000).file)
	}
	slices.Sort(files)
	if n := len(slices.Compact(files)); n != 8 {
		t.Errorf("%d places for 8 programs", n)
	}
}

func TestDamagedEntriesAreCompiledAnew(t *testing.T) {
	c := compiler(t)
	for name, damage := range map[string]func([]byte) []byte{
		"cut short":  func(b []byte) []byte { return b[:20] },
		"empty":      func([]byte) []byte { return nil },
		"one bit":    func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"half of it": func(b []byte) []byte { return b[:len(b)/2] },
	} {
		t.Run(name, func(t *testing.T) {
			k, said := cache(t)
			e := k.Entry(c, program(), 13000)
			whole, _, err := e.Cubin()
			if err != nil {
				t.Fatal(err)
			}
			file, err := os.ReadFile(e.file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(e.file, damage(file), 0o644); err != nil {
				t.Fatal(err)
			}
			got, kept, err := e.Cubin()
			if err != nil || kept || !bytes.Equal(got, whole) {
				t.Errorf("kept %t, %v, equal %t", kept, err, bytes.Equal(got, whole))
			}
			if len(*said) != 1 || !strings.Contains((*said)[0], e.file) {
				t.Errorf("said %q", *said)
			}
			if _, kept, err := e.Cubin(); err != nil || !kept {
				t.Errorf("after the repair: kept %t, %v", kept, err)
			}
		})
	}
}

func TestACacheThatCannotBeWrittenIsDoneWithout(t *testing.T) {
	c := compiler(t)
	k, said := cache(t)
	k.Folder = filepath.Join("/dev/null", "kernels")
	cubin, kept, err := k.Entry(c, program(), 13000).Cubin()
	if err != nil || kept || len(cubin) == 0 || len(*said) == 0 {
		t.Errorf("%d bytes, kept %t, %v, said %q", len(cubin), kept, err, *said)
	}
	if cubin, _, err := (Cache{}).Entry(c, program(), 13000).Cubin(); err != nil || len(cubin) == 0 {
		t.Errorf("without a folder: %d bytes, %v", len(cubin), err)
	}
}
