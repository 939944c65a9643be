package figure

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TeX takes every kind of figure; skipped where it, or pgfplots, is not installed.
func TestLaTeXCompiles(t *testing.T) {
	program, err := exec.LookPath("pdflatex")
	if err != nil {
		t.Skip("pdflatex is not installed; that braces match is tested for every figure")
	}
	if err := exec.CommandContext(t.Context(), "kpsewhich", "pgfplots.sty").Run(); err != nil {
		t.Skip("pgfplots is not installed")
	}
	all := examples(t)
	for _, name := range []string{"law-holdout", "law-refused", "heatmap", "robustness"} {
		dir := t.TempDir()
		tex, data := all[name].LaTeX("data.tex")
		tex = strings.Replace(tex, `\documentclass[border=4pt]{standalone}`, `\documentclass{article}`, 1) // comes with every TeX
		for file, text := range map[string]string{"figure.tex": tex, "data.tex": data} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c := exec.CommandContext(t.Context(), program, "-interaction=nonstopmode", "-halt-on-error", "figure.tex")
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out[max(0, len(out)-1500):])
		}
	}
}

func TestTeXEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"a_b & 50%": `a\_b \& 50\%`, "2×10^{−7}": `2$\times$10$^{\mathrm{-7}}$`, `\input{/etc/passwd}`: `\textbackslash{}input\{/etc/passwd\}`, "α = −1": `$\alpha$ = $-$1`,
	} {
		if got := tex(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := comment("a\nb %c"); got != "a b c" {
		t.Errorf("%q", got)
	}
}
