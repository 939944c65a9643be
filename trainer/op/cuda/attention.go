package cuda

import (
	"math"

	"github.com/scalelaw/scalelaw/trainer/cuda/driver"
	"github.com/scalelaw/scalelaw/trainer/op"
)

// What the text of attention.cu and tile.cu says.
const (
	headMost  = 128
	own       = 16 // rows of a warp
	warps     = 8
	warpsBack = 5
)

// streamed is how many rows of keys (or queries) a block reads at a time.
func (d *Device) streamed() int {
	if d.narrow() {
		return 64
	}
	return 32
}

// tiling is how a sequence is cut: blocks of so many warps, which have 16 rows each.
type tiling struct{ blocks, warps, shared int }

// tile takes as many warps as a block may have and its shared memory holds, evenly.
func (d *Device) tile(s op.Attention, most int, bytes func(rows int) int) (tiling, error) {
	for bytes(most*own) > d.gpu.Info().SharedBlock {
		if most--; most == 0 {
			return tiling{}, driver.Errorf(driver.Unsupported, "attention heads of %d numbers need %d bytes of shared memory a block, the GPU has %d", s.Head, bytes(own), d.gpu.Info().SharedBlock)
		}
	}
	all := ceil(s.Tokens, own)
	blocks := ceil(all, most)
	w := ceil(all, blocks)
	return tiling{blocks, w, bytes(w * own)}, nil
}

// row is how many bytes a row of a tile takes.
func (d *Device) row(head int) int { return (ceil(head, 16)*16 + 8) * d.real() }

func checkHead(s op.Attention) error {
	if s.Head > headMost {
		return driver.Errorf(driver.Unsupported, "attention heads of %d numbers: a GPU does up to %d", s.Head, headMost)
	}
	return nil
}

// Attention implements op.Device.
func (d *Device) Attention(y, logSum, qkv op.Floats, s op.Attention) {
	if s.Batch == 0 {
		return
	}
	d.run("Attention", func() error {
		if err := checkHead(s); err != nil {
			return err
		}
		t, err := d.tile(s, warps, func(rows int) int { return (rows + 2*d.streamed()) * d.row(s.Head) })
		if err != nil {
			return err
		}
		return d.launch("attention", t.shape(s, 1), d.reals(y), d.wide(logSum), d.reals(qkv), s.Tokens, s.Heads, s.Causal, scale(s))
	})
}

// AttentionBack implements op.Device.
func (d *Device) AttentionBack(dqkv, dy, y, logSum, qkv op.Floats, s op.Attention) {
	if s.Batch == 0 {
		return
	}
	d.run("AttentionBack", func() error {
		if err := checkHead(s); err != nil {
			return err
		}
		t, err := d.tile(s, warpsBack, func(rows int) int {
			return 2*(rows+d.streamed())*d.row(s.Head) + 2*max(rows, d.streamed())*floatSize
		})
		if err != nil {
			return err
		}
		return d.launch("attention_back", t.shape(s, 2), d.reals(dqkv), d.reals(dy), d.reals(y), d.wide(logSum), d.reals(qkv), s.Tokens, s.Heads, s.Causal, scale(s))
	})
}

// shape is a launch over all heads, in which the rows are gone through so many times.
func (t tiling) shape(s op.Attention, times int) shape {
	return shape{grid: driver.Dim{X: s.Batch * s.Heads, Y: times * t.blocks}, block: driver.Dim{X: t.warps * warp}, shared: t.shared, head: s.Head}
}

func scale(s op.Attention) float32 { return float32(1 / math.Sqrt(float64(s.Head))) }
