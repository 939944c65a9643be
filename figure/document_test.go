package figure

import (
	"bytes"
	"testing"
	"time"

	"github.com/ledongthuc/pdf"
)

// A document has its words as text, its figures as drawings, as many pages as it takes, and the
// same bytes for the same input.
func TestDocument(t *testing.T) {
	write := func() []byte {
		p := NewDocument("A study", time.Unix(0, 0))
		p.Heading(1, "A study")
		p.Text("What was asked, with α and β.")
		p.Warning("A warning.")
		rows := [][]string{}
		for range 90 {
			rows = append(rows, []string{"run", "a reason that is so long that no page of this width could ever have it on one line, whatever the size of its letters may be, and which is cut"})
		}
		p.Table([]string{"Run", "Reason"}, rows)
		p.Figure(examples(t)["law"])
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	content := write()
	r, err := pdf.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if n := r.NumPage(); n < 3 || n > 5 {
		t.Errorf("%d pages", n)
	}
	text, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(text); err != nil {
		t.Fatal(err)
	}
	hasWords(t, b.String(), "What was asked", "A warning.")
	if n := bytes.Count(content, []byte("/FontFile2")); n != 2 {
		t.Errorf("%d embedded fonts", n)
	}
	if !bytes.Equal(content, write()) {
		t.Error("the same document has other bytes")
	}
}
