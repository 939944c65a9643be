package web

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"
)

// The report has the study's numbers, and needs nothing but itself.
func TestReport(t *testing.T) {
	h, _ := serve(t, newOpenCLIP(t))
	r := decoded[lawFit](t, get(h, "/sweeps/openclip/law?checks=1", "Accept", "application/json"))
	text := get(h, "/sweeps/openclip/report.html").Body.String()
	contains(t, "report", text, r.Formula, r.InputsSHA256, "scalelaw submit openclip.json", "scalelaw fit new openclip --metric imagenet1k/top1_error", "runs used", "<svg", "What it was made with", "evaluator e", "Data is the bottleneck")
	for _, never := range []string{"<script", "<link", " src=", "url(", "href=", "http://127"} {
		if strings.Contains(text, never) {
			t.Errorf("the report has %q", never)
		}
	}
	file := get(h, "/sweeps/openclip/report.pdf").Body.Bytes()
	p, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil || p.NumPage() < 2 {
		t.Fatal(err)
	}
	words, err := p.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(words); err != nil {
		t.Fatal(err)
	}
	contains(t, "the PDF's words", b.String(), "imagenet1k/top1_error", "Make it again", r.Formula, "ViT-B-32")
	contains(t, "an empty study", get(h, "/sweeps/empty/report.html").Body.String(), "No run has been scored on imagenet1k/top1_error.")
	contains(t, "page", get(h, "/sweeps/openclip/report").Body.String(), `href="/sweeps/openclip/report.pdf"`, "scalelaw report openclip --out openclip.html")
	if w := get(h, "/sweeps/nothing/report.html"); w.Code != 404 {
		t.Errorf("%d", w.Code)
	}
}
