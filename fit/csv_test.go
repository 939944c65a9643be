package fit

import (
	"errors"
	"strings"
	"testing"
)

func TestCSVErrorsNameRowAndColumn(t *testing.T) {
	o := CSVOptions{X: "c", Y: "e", ID: "id"}
	for text, want := range map[string]string{
		"c,e,id\n1,NaN,a\n":                      "row 2",
		"c,e,id\n1,0.5,a\n1,45,b\n":              "row 3",
		"c,e,id\n1,x,a\n":                        `"x" is not a number`,
		"c,err,id\n1,1,a\n":                      `no column "e"`,
		"c,e,id\n":                               "no row is left",
		"c,e,id\n1,0.5\n":                        "row 2",
		"c,e,id\n1,0.5,a\n2,,b\n":                `bad input: row 3, column "e": the value is missing`,
		"c,e,id\n0x1p30,0.5,a\n":                 `row 2, column "c": "0x1p30" is not a number; write it in decimal digits`,
		"c,e,id\n1_000_0000,0.5,a\n":             `row 2, column "c": "1_000_0000" is not a number; write it in decimal digits`,
		"c,e,id\n1,0,a\n":                        `bad input: row 2, column "e": a: error is 0`,
		"\xFF\xFEc\x00,\x00e\x00\n\x00":          "the file is UTF-16, or no text; save it as CSV in UTF-8",
		"\xFE\xFF\x00c\x00,\x00e\x00\n":          "the file is UTF-16",
		"c\x00,\x00e\x00\n\x00":                  "the file is UTF-16",
		"":                                       "header",
		"c,e,id\n1,0.5,a\n2,45%,b\n":             `row 3, column "e": "45%" is a percentage`,
		"c;e;id\n1;0.5;a\n2;0,4;b\n":             `row 3, column "e": "0,4" is not a number; write it with a decimal point`,
		"c,e,id\n1,0.5,a\n2,inf,b\n":             `row 3, column "e"`,
		"c,e,id\n1,0.5,a\n-2,0.4,b\n":            `row 3, column "c": compute is -2`,
		"c,e,id\n1,0.5,a\n2,0.4,b\n3,0.3,a\n":    `row 4, column "id": a stands twice, first in row 2`,
		"c,e,id\n1,0.5,a\n2,0.4,\n":              `row 3, column "id": the id is empty`,
		"c,e,e,id\n1,0.5,0.5,a\n":                `column "e" stands twice`,
		"c,e,id\r\n1,0.5,a\r\n2,0.0,b\r\n":       `row 3, column "e"`,
		"\uFEFFc;e;id\r\n1;0.5;a\r\n2;1.5;b\r\n": `row 3, column "e"`,
	} {
		if _, err := ReadCSV(strings.NewReader(text), o); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: want %q, got %v", text, want, err)
		}
	}
	_, err := ReadCSV(strings.NewReader("c,e\n1,0.5\n10,0\n"), CSVOptions{X: "c", Y: "e"})
	if want := `bad input: row 3, column "e": error is 0; a power law needs it above 0`; err == nil || err.Error() != want {
		t.Errorf("the row is said once: %v, want %s", err, want)
	}
	groups, err := ReadCSV(strings.NewReader("\uFEFFc,e,g\r\n1,0.25,x\r\n2,0.5,y\r\n3,0.125,x\r\n"), CSVOptions{X: "c", Y: "e", YIs: "accuracy", GroupBy: "g"})
	if err != nil || len(groups) != 2 || *groups[0].Name != "x" || len(groups[0].Points) != 2 || groups[0].Points[1].E != 0.875 || groups[1].Points[0].ID != "row 3" {
		t.Errorf("%+v: %v", groups, err)
	}
}

func TestCSVDialects(t *testing.T) {
	for text, o := range map[string]CSVOptions{
		"\uFEFFc;e;id\r\n10;0.5;a\r\n100;0.25;b\r\n": {X: "c", Y: "e", ID: "id"},
		"c\te\tid\n10\t0.5\ta\n100\t0.25\tb\n":       {X: "c", Y: "e", ID: "id"},
		" c , e ,id\n 10 , 0.5 ,a\n100,0.25,b\n":     {X: "c", Y: "e", ID: "id"},
		"\"c, total\",e,id\n10,0.5,a\n100,0.25,b\n":  {X: "c, total", Y: "e", ID: "id"},
		"n,d,e,id\n2,5,0.5,a\n4,25,0.25,b\n":         {N: "n", D: "d", Y: "e", ID: "id"}, // C = N D
		"c,acc,id,by\n10,0.5,a,x\n100,0.75,b,x\n":    {X: "c", Y: "acc", YIs: "accuracy", ID: "id", Convention: "by"},
	} {
		groups, err := ReadCSV(strings.NewReader(text), o)
		if err != nil || len(groups) != 1 || len(groups[0].Points) != 2 {
			t.Errorf("%q: %v %+v", text, err, groups)
			continue
		}
		if p := groups[0].Points; p[0].C != 10 || p[0].E != 0.5 || p[1].C != 100 || p[1].E != 0.25 || p[1].ID != "b" {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

func TestCSVConventionsAndCopies(t *testing.T) {
	o := CSVOptions{X: "c", Y: "e", Convention: "unit"}
	_, err := ReadCSV(strings.NewReader("c,e,unit\n1,0.5,GMAC\n2,0.4,GMAC\n3,0.3,GFLOP\n"), o)
	if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), `row 4, column "unit": compute is counted as "GFLOP" here and as "GMAC" above`) {
		t.Errorf("mixed conventions: %v", err)
	}
	groups, err := ReadCSV(strings.NewReader("c,e,unit\n1,0.5,GMAC\n2,0.4,GMAC\n"), o)
	if err != nil || groups[0].Convention != "GMAC" {
		t.Errorf("one convention: %v %+v", err, groups)
	}
	_, err = ReadCSV(strings.NewReader("c,e,seed\n1,0.5,0\n1,0.5,1\n1,0.5,0\n"), CSVOptions{X: "c", Y: "e"})
	if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "row 4 repeats row 2") {
		t.Errorf("a copied row: %v", err)
	}
	loss, err := ReadCSV(strings.NewReader("c,l\n1,3.5\n10,2.5\n"), CSVOptions{X: "c", Y: "l", YIs: "loss"})
	if err != nil || loss[0].Points[0].E != 3.5 {
		t.Errorf("a loss above 1: %v %+v", err, loss)
	}
}
