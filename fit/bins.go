package fit

import "math"

// bins are n bins of equal width between low and high in log10 C; the left edge of a bin is
// inside it, the right one is not.
type bins struct {
	low, high float64
	n         int
}

// edge is the lower edge of bin i, as numpy's linspace has it.
func (b bins) edge(i int) float64 {
	if i == b.n {
		return b.high
	}
	return b.low + float64(i)*((b.high-b.low)/float64(b.n))
}

// each calls f with the points of each bin that holds some; points are sorted. What lies at or
// above the last edge is in no bin.
func (b bins) each(points []node, f func(bin int, points []node)) {
	i := 0
	for bin := range b.n {
		first, edge := i, b.edge(bin+1)
		for i < len(points) && points[i].x < edge {
			i++
		}
		if i > first {
			f(bin, points[first:i])
		}
	}
}

// seedBins are those of binned-minima: Options.Bins over [min, max + pad].
func seedBins(points []node, o Options) bins {
	low, high := rangeOf(points)
	high += o.Pad
	if o.Pad == 0 {
		high = math.Nextafter(high, math.Inf(1)) // the last point is in the last bin
	}
	return bins{low, high, o.Bins}
}

// octaves are those of pareto-bin: as many edges between the least and the most compute as
// there are doublings from Options.BinFrom to the most.
func octaves(points []node, o Options) bins {
	low, high := rangeOf(points)
	from := low
	if o.BinFrom > 0 {
		from = math.Log10(o.BinFrom)
	}
	edges := math.Floor((high - from) / math.Log10(2))
	return bins{low, high, int(min(max(edges, 2), 10_000)) - 1}
}

// rangeOf is the range of log10 C of the points that exist.
func rangeOf(points []node) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i := range points {
		if points[i].weight > 0 {
			low, high = min(low, points[i].x), max(high, points[i].x)
		}
	}
	return low, high
}

// lowestOf is the index of the point with the lowest error, the first of several; -1 when no
// point exists.
func lowestOf(points []node) int {
	best := -1
	for i := range points {
		if points[i].weight > 0 && (best < 0 || points[i].y < points[best].y) {
			best = i
		}
	}
	return best
}

// binnedMinimaRule is the seed paper's: in each bin that holds a point, the lowest log10 E at
// the CENTRE of the bin.
func binnedMinimaRule(points []node, o Options, into []node) []node {
	b := seedBins(points, o)
	b.each(points, func(bin int, points []node) {
		if best := lowestOf(points); best >= 0 {
			into = append(into, points[best])
			last := &into[len(into)-1]
			last.x, last.weight = (b.edge(bin)+b.edge(bin+1))/2, 1
		}
	})
	return into
}

// paretoBinRule is that of the 2025 study: the lowest point of each bin at its own C, if it
// improves on those before it; then the point of the most compute, which is in no bin, if it
// does.
func paretoBinRule(points []node, o Options, into []node) []node {
	best := math.Inf(1)
	take := func(points []node) {
		if i := lowestOf(points); i >= 0 && points[i].y < best {
			best = points[i].y
			into = append(into, points[i])
			into[len(into)-1].weight = 1
		}
	}
	b := octaves(points, o)
	b.each(points, func(_ int, points []node) { take(points) })
	first := len(points)
	for first > 0 && points[first-1].x >= b.high {
		first--
	}
	take(points[first:])
	return into
}
