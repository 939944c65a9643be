package web

import (
	"fmt"
	"math"
	"strings"
)

// miniature is a picture of a frontier, on logarithmic axes without marks.
type miniature struct {
	Width, Height float64
	Dots          [][2]string
	Line          string // through them: a path
	Label         string
}

const miniWidth, miniHeight, miniMargin = 132, 52, 5

// miniatureOf draws points of compute and error, from little compute to much; nil: too few.
func miniatureOf(points [][2]float64) *miniature {
	if len(points) < 2 {
		return nil
	}
	lowX, highX, lowY, highY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range points {
		lowX, highX = min(lowX, math.Log(p[0])), max(highX, math.Log(p[0]))
		lowY, highY = min(lowY, math.Log(p[1])), max(highY, math.Log(p[1]))
	}
	m := &miniature{Width: miniWidth, Height: miniHeight}
	var path strings.Builder
	for i, p := range points {
		x := miniMargin + (miniWidth-2*miniMargin)*share(math.Log(p[0]), lowX, highX)
		y := miniHeight - miniMargin - (miniHeight-2*miniMargin)*share(math.Log(p[1]), lowY, highY)
		m.Dots = append(m.Dots, [2]string{fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y)})
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", command, x, y)
	}
	first, last := points[0], points[len(points)-1]
	m.Line = path.String()
	m.Label = fmt.Sprintf("error from %s at %s GMACs to %s at %s GMACs", score(first[1]), significant(first[0]), score(last[1]), significant(last[0]))
	return m
}

// share is where v lies between two ends; the middle where they are one.
func share(v, low, high float64) float64 {
	if !(high > low) {
		return 0.5
	}
	return (v - low) / (high - low)
}
