package kernel

import (
	"math"
	"unsafe"
)

// portable is the set in plain Go, for CPUs without the others' instructions.
func portable() *Set {
	s := &Set{
		Name: "portable", Lanes: 8, Rows: 4,
		Pack: packGo, GELU: activateGo(geluGo), QuickGELU: activateGo(quickGELUGo),
		Add:       combineGo(func(a, b float32) float32 { return a + b }),
		Mul:       combineGo(func(a, b float32) float32 { return a * b }),
		Move:      combineGo(func(_, b float32) float32 { return b }),
		AddScaled: addScaledGo, Scale: scaleGo, Dot: dotGo, ColumnSums: columnSumsGo, MaxInto: maxIntoGo,
		MaxOf: maxOfGo, ExpOf: expOfGo, ExpColumns: expColumnsGo, Attend: attendGo, AttendBack: attendBackGo,
		Contrast: contrastGo, Sigmoids: sigmoidsGo, LayerNorm: layerNormGo, LayerNormBack: layerNormBackGo,
		AdamW: adamwGo, Peak: peakGo, PeakFlops: 16,
	}
	for m := 1; m <= s.Rows; m++ {
		for vectors := range 2 {
			whole := tileGo(m, (vectors+1)*s.Lanes)
			s.Tiles[vectors][0] = append(s.Tiles[vectors][0], whole)
			s.Tiles[vectors][1] = append(s.Tiles[vectors][1], tileGo(m, 0))
		}
	}
	return s
}

// floats are the n numbers behind a pointer.
func floats(p *float32, n int) []float32 { return unsafe.Slice(p, n) }

// skip is the pointer that lies bytes further on; nil stays nil (a side without numbers).
func skip(p *float32, bytes int) *float32 {
	if p == nil {
		return nil
	}
	return (*float32)(unsafe.Add(unsafe.Pointer(p), bytes))
}

// tileGo is a tile of m rows; width 0 stands for the call's own. Four columns at a time are
// summed in registers.
func tileGo(m, width int) Tile {
	return func(a *float32, rs, cs int, b *float32, ldb int, c *float32, ldc int, k int, init *float32, ldi int, n int) {
		if width > 0 {
			n = width
		}
		for i := range m {
			row := skip(a, i*rs)
			out := floats(skip(c, i*ldc), n)
			first := out[:0]
			if init != nil {
				first = floats(skip(init, i*ldi), n)
			}
			j := 0
			for ; j+4 <= n; j += 4 {
				fourColumns(out[j:], first[min(j, len(first)):], row, cs, skip(b, 4*j), ldb, k)
			}
			for ; j < n; j++ {
				var sum float32
				if init != nil {
					sum = first[j]
				}
				for p := range k {
					sum += *skip(row, p*cs) * *skip(b, p*ldb+4*j)
				}
				out[j] = sum
			}
		}
	}
}

func fourColumns(out, first []float32, a *float32, cs int, b *float32, ldb int, k int) {
	var s0, s1, s2, s3 float32
	if len(first) >= 4 {
		s0, s1, s2, s3 = first[0], first[1], first[2], first[3]
	}
	for p := range k {
		x, row := *skip(a, p*cs), floats(skip(b, p*ldb), 4)
		s0 += x * row[0]
		s1 += x * row[1]
		s2 += x * row[2]
		s3 += x * row[3]
	}
	out[0], out[1], out[2], out[3] = s0, s1, s2, s3
}

func packGo(dst *float32, ldd int, src *float32, lds int, columns, rows int) {
	for r := range rows {
		for c, v := range floats(skip(src, r*lds), columns) {
			*skip(dst, c*ldd+4*r) = v
		}
	}
}

func combineGo(f func(a, b float32) float32) Combine {
	return func(y *float32, ldy int, x *float32, ldx int, rows, n int) {
		for r := range rows {
			to, from := floats(skip(y, r*ldy), n), floats(skip(x, r*ldx), n)
			for i, v := range from {
				to[i] = f(to[i], v)
			}
		}
	}
}

func addScaledGo(y, x *float32, n int, a float32) {
	to := floats(y, n)
	for i, v := range floats(x, n) {
		to[i] += a * v
	}
}

func scaleGo(y, x *float32, n int, a float32) {
	to := floats(y, n)
	for i, v := range floats(x, n) {
		to[i] = a * v
	}
}

func dotGo(x, y *float32, n int) float32 {
	var sum float32
	other := floats(y, n)
	for i, v := range floats(x, n) {
		sum += v * other[i]
	}
	return sum
}

func columnSumsGo(y, x *float32, ldx int, rows, n int) {
	for r := range rows {
		addScaledGo(y, skip(x, r*ldx), n, 1)
	}
}

func maxIntoGo(y, x *float32, n int) {
	to := floats(y, n)
	for i, v := range floats(x, n) {
		to[i] = max(to[i], v)
	}
}

func maxOfGo(x *float32, n int) float32 {
	top := float32(math.Inf(-1))
	for _, v := range floats(x, n) {
		top = max(top, v)
	}
	return top
}

func peakGo(n int) {
	var a, b, c, d, e, f, g, h float32 = 1, 2, 3, 4, 5, 6, 7, 8 // equal ones would be computed once
	for range n {
		a, b, c, d = a*0.5+0.5, b*0.5+0.5, c*0.5+0.5, d*0.5+0.5
		e, f, g, h = e*0.5+0.5, f*0.5+0.5, g*0.5+0.5, h*0.5+0.5
	}
	peakSink(a + b + c + d + e + f + g + h)
}

//go:noinline
func peakSink(float32) {}
