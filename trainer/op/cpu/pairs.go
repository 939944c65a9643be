package cpu

import "github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"

// pairsBlock is kBlock for pairs: as many words, so twice as many numbers.
const pairsBlock = 2 * kBlock

// multiplyPairs is multiply with factors rounded to bfloat16 and laid out as pairs: the left side
// once for each block of k, the right side panel by panel.
func (w *worker) multiplyPairs(set *kernel.Set, p *product, m0, m1, n0, n1 int) {
	panel := set.Panel()
	for k0 := 0; k0 == 0 || k0 < p.k; k0 += pairsBlock {
		depth := min(pairsBlock, p.k-k0)
		words := ceil(depth, 2)
		init, ldi := p.init, p.ldi
		if k0 > 0 {
			init, ldi = p.c, p.ldc
		}
		a, rs, cs := w.leftPairs(set, p, k0, depth, m0, m1)
		for j := n0; j < n1; j += panel {
			width := min(panel, n1-j)
			w.rightPairs(set, p, k0, depth, j, width)
			tail := 0
			if width%set.Lanes != 0 {
				tail = 1
			}
			tiles := set.BF16.Tiles[ceil(width, set.Lanes)-1][tail]
			for i := m0; i < m1; i += set.Rows {
				rows := min(set.Rows, m1-i)
				tiles[rows-1](ptr(a, (i-m0)*rs), 4*rs, 4*cs, &w.panel[0], 4*panel, &p.c[i*p.ldc+j], 4*p.ldc, words, ptr(init, i*ldi+j), 4*ldi, width)
			}
		}
	}
}

// leftPairs gives rows [m0, m1) of the left side as pairs, with the strides of its words.
func (w *worker) leftPairs(set *kernel.Set, p *product, k0, depth, m0, m1 int) (a []float32, rs, cs int) {
	rows, words := m1-m0, ceil(depth, 2)
	if depth <= 0 {
		return nil, 0, 0
	}
	a = w.pairsRoom(rows*words + set.Lanes*kBlock)[:rows*words]
	from := ptr(p.a, m0*p.rs+k0*p.cs)
	if p.cs == 1 {
		set.BF16.OfRows(&a[0], 4*words, from, 4*p.rs, rows, depth)
		return a, words, 1
	}
	set.BF16.OfColumns(&a[0], 4*rows, from, 4*p.cs, depth, rows)
	return a, 1, rows
}

// rightPairs writes a panel of the right side as pairs.
func (w *worker) rightPairs(set *kernel.Set, p *product, k0, depth, j, width int) {
	panel, words := set.Panel(), ceil(depth, 2)
	if depth <= 0 {
		return
	}
	if !p.transposed {
		set.BF16.OfColumns(&w.panel[0], 4*panel, &p.b[k0*p.ldb+j], 4*p.ldb, depth, width)
		return
	}
	some := w.pairs[len(w.pairs)-set.Lanes*kBlock:]
	for at := 0; at < width; at += set.Lanes {
		rows := min(set.Lanes, width-at)
		set.BF16.OfRows(&some[0], 4*words, &p.b[(j+at)*p.ldb+k0], 4*p.ldb, rows, depth)
		set.Pack(&w.panel[at], 4*panel, &some[0], 4*words, words, rows)
	}
}

// pairsRoom gives a worker's memory for pairs.
func (w *worker) pairsRoom(n int) []float32 {
	if len(w.pairs) < n {
		w.pairs = aligned(n)
	}
	return w.pairs
}
