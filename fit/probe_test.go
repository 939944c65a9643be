package fit

import (
	"fmt"
	"math"
	"os"

	"strconv"
	"strings"
	"testing"
	"time"
)

func TestProbe(t *testing.T) {
	text, _ := os.ReadFile("testdata/chinchilla_points.csv")
	var nodes []node
	for i, l := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(strings.TrimSpace(l), ",")
		if i == 0 || f[4] != "0" {
			continue
		}
		var v [4]float64
		for k := range v {
			v[k], _ = strconv.ParseFloat(f[k], 64)
		}
		nodes = append(nodes, node{n: math.Log(v[0]), d: math.Log(v[1] / 6 / v[0]), y: math.Log10(v[3]), weight: 1})
	}
	fmt.Println(len(nodes))
	l := newChinchilla(nodes, Options{})
	begin := time.Now()
	sol, ok := l.fit(nodes, nil, &scratch{})
	fmt.Println(time.Since(begin), sol, ok, l.coefficients(sol.theta), l.formula(l.coefficients(sol.theta)))
	begin = time.Now()
	from := append([]float64{}, sol.theta...)
	s := &scratch{}
	for i := range 100 {
		nodes[i].weight = 2
		sol, ok = l.fit(nodes, from, s)
	}
	fmt.Println(time.Since(begin), sol, ok)
}
