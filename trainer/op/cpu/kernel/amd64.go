//go:build amd64

package kernel

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// available lists the levels of this CPU, the fastest first.
func available() []*Set {
	x := &cpu.X86
	var sets []*Set
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasBMI2 && x.HasFMA {
		wide := avx512()
		if x.HasAVX512BF16 {
			wide.BF16 = &BF16{Tiles: tilesBF16, OfRows: roundRowsBF16, OfColumns: roundColumnsBF16, Peak: peakBF16, PeakFlops: 24 * 32 * 2}
		}
		sets = append(sets, wide)
	}
	if x.HasAVX2 && x.HasFMA {
		sets = append(sets, avx2())
	}
	return append(sets, portable())
}

// Pause waits for about n times 10 ns without disturbing the other thread of the core.
func Pause(n int) { pause(n) }

func avx512() *Set {
	return &Set{
		Name: "avx512", Lanes: 16, Rows: 12, Tiles: tilesAVX512,
		Pack: packAVX512, GELU: geluAVX512, QuickGELU: quickGELUAVX512, Add: addAVX512, Mul: mulAVX512, Move: moveAVX512,
		AddScaled: addScaledAVX512, Scale: scaleAVX512, Dot: dotAVX512, ColumnSums: columnSumsAVX512, MaxInto: maxIntoAVX512,
		MaxOf: maxOfAVX512, ExpOf: expOfAVX512, ExpColumns: expColumnsAVX512, Attend: attendAVX512, AttendBack: attendBackAVX512,
		Contrast: contrastAVX512, Sigmoids: sigmoidsAVX512, LayerNorm: layerNormAVX512,
		LayerNormBack: normBack(layerNormBackAVX512, layerNormBackAddAVX512),
		AdamW:         adamStep(adamwAVX512), Peak: peakAVX512, PeakFlops: 12 * 16 * 2,
	}
}

func avx2() *Set {
	return &Set{
		Name: "avx2", Lanes: 8, Rows: 6, Tiles: tilesAVX2,
		Pack: packAVX2, GELU: geluAVX2, QuickGELU: quickGELUAVX2, Add: addAVX2, Mul: mulAVX2, Move: moveAVX2,
		AddScaled: addScaledAVX2, Scale: scaleAVX2, Dot: dotAVX2, ColumnSums: columnSumsAVX2, MaxInto: maxIntoAVX2,
		MaxOf: maxOfAVX2, ExpOf: expOfAVX2, ExpColumns: expColumnsAVX2, Attend: attendAVX2, AttendBack: attendBackAVX2,
		Contrast: contrastAVX2, Sigmoids: sigmoidsAVX2, LayerNorm: layerNormAVX2,
		LayerNormBack: normBack(layerNormBackAVX2, layerNormBackAddAVX2),
		AdamW:         adamStep(adamwAVX2), Peak: peakAVX2, PeakFlops: 12 * 8 * 2,
	}
}

type normBackward = func(dx, dgain, dbias, dy, x, stats, gain, residual *float32, rows, width int)

func normBack(plain, add normBackward) normBackward {
	return func(dx, dgain, dbias, dy, x, stats, gain, residual *float32, rows, width int) {
		if residual == nil {
			plain(dx, dgain, dbias, dy, x, stats, gain, residual, rows, width)
			return
		}
		add(dx, dgain, dbias, dy, x, stats, gain, residual, rows, width)
	}
}

func adamStep(step func(p, g, m, v *float32, n int, c *[9]float32)) func(p, g, m, v *float32, n int, c *Moments) {
	return func(p, g, m, v *float32, n int, c *Moments) { step(p, g, m, v, n, (*[9]float32)(unsafe.Pointer(c))) }
}
