package cpu

import "github.com/scalelaw/scalelaw/trainer/op/cpu/kernel"

// kBlock is how much of the inner dimension is multiplied at once: a panel of the right side,
// kBlock x 32 numbers, stays in the nearest cache (32 KiB) while tiles of the left side pass.
const kBlock = 256

// panelSize is the largest packed panel of any level.
const panelSize = kBlock * 32

// Scratch is about how many bytes a thread keeps for itself: a packed panel, and room for images
// laid out as patches or an attention's scores.
const Scratch = 4 * (panelSize + numbersAtOnce)

// product is c [m, n] = init + a [m, k] b [k, n]. Element (i, j) of a is a[i*rs + j*cs]; b's is
// b[i*ldb + j], or b[j*ldb + i] when transposed. init is nil (zeros), c, or a row (ldi 0).
type product struct {
	m, n, k    int
	a          []float32
	rs, cs     int
	b          []float32
	ldb        int
	transposed bool
	c          []float32
	ldc        int
	init       []float32
	ldi        int
	bf16       bool // factors are rounded to bfloat16
}

// multiply computes rows [m0, m1) and columns [n0, n1) of the product. Each number is a chain
// of multiply-adds in the order of k, whatever the ranges.
func (w *worker) multiply(set *kernel.Set, p *product, m0, m1, n0, n1 int) {
	if m0 >= m1 || n0 >= n1 {
		return
	}
	if p.bf16 {
		w.multiplyPairs(set, p, m0, m1, n0, n1)
		return
	}
	for k0 := 0; k0 == 0 || k0 < p.k; k0 += kBlock {
		depth := min(kBlock, p.k-k0)
		init, ldi := p.init, p.ldi
		if k0 > 0 {
			init, ldi = p.c, p.ldc
		}
		for j := n0; j < n1; j += set.Panel() {
			width := min(set.Panel(), n1-j)
			b, ldb := w.right(set, p, k0, depth, j, width, m1-m0)
			vectors := ceil(width, set.Lanes)
			tail := 0
			if width%set.Lanes != 0 {
				tail = 1
			}
			tiles := set.Tiles[vectors-1][tail]
			for i := m0; i < m1; i += set.Rows {
				rows := min(set.Rows, m1-i)
				tiles[rows-1](ptr(p.a, i*p.rs+k0*p.cs), 4*p.rs, 4*p.cs, b, 4*ldb, &p.c[i*p.ldc+j], 4*p.ldc, depth, ptr(init, i*ldi+j), 4*ldi, width)
			}
		}
	}
}

// right gives a panel of b, packed where that pays: always when b is transposed, else when
// enough rows use it and its own rows lie far apart.
func (w *worker) right(set *kernel.Set, p *product, k0, depth, j, width, rows int) (*float32, int) {
	panel := set.Panel()
	if depth <= 0 {
		return nil, 0
	}
	if p.transposed {
		for at := 0; at < width; at += set.Lanes {
			set.Pack(&w.panel[at], 4*panel, &p.b[(j+at)*p.ldb+k0], 4*p.ldb, depth, min(set.Lanes, width-at))
		}
		return &w.panel[0], panel
	}
	if p.ldb <= 2*panel || rows <= 2*set.Rows {
		return &p.b[k0*p.ldb+j], p.ldb
	}
	set.Move(&w.panel[0], 4*panel, &p.b[k0*p.ldb+j], 4*p.ldb, depth, width)
	return &w.panel[0], panel
}

// grid cuts a product into chunks of rows and columns for some threads.
type grid struct{ rows, columns, down, across int }

// largeRows is how many rows of the left side a chunk has at most: with kBlock numbers each
// they take less than half of a second cache of 1 MiB, and every such chunk packs the right side
// anew.
const largeRows = 384

// chunkProducts is how many multiply-adds a chunk has at least: some microseconds of them, or it
// would cost more to hand it out.
const chunkProducts = 1 << 19

// chunksEach is how many chunks there are at least for each thread, where they are not too small:
// the last to end then keeps the others waiting for a small part of the whole.
const chunksEach = 8

func gridOf(set *kernel.Set, m, n, k, threads int) grid {
	panels := max(ceil(n, set.Panel()), 1)
	limit := max(m*n*k/chunkProducts, 1)
	down := max(min(ceil(m, largeRows), limit), 1)
	across := min(panels, limit, ceil(chunksEach*threads, down))
	down = min(max(down, ceil(threads, across)), max(limit/across, 1), max(ceil(m, set.Rows), 1))
	columns := ceil(panels, across) * set.Panel()
	rows := max(ceil(ceil(m, down), set.Rows)*set.Rows, set.Rows)
	return grid{rows, columns, max(ceil(m, rows), 1), max(ceil(n, columns), 1)}
}

func (g grid) chunks() int { return g.down * g.across }

// block is the ranges of a chunk.
func (g grid) block(chunk, m, n int) (m0, m1, n0, n1 int) {
	m0, n0 = chunk/g.across*g.rows, chunk%g.across*g.columns
	return m0, min(m0+g.rows, m), n0, min(n0+g.columns, n)
}
