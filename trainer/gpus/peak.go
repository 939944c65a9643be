package gpus

import "github.com/scalelaw/scalelaw/sweep"

// rates are floating-point operations that a multiprocessor does in a clock: by tensor cores in
// bfloat16 with float32 sums, half of it in TF32, and in float32 without them. NVIDIA's white
// papers of Ampere (GA100, GA102), Ada, Hopper and Blackwell; of the cards for games, which do
// half of it in bfloat16, the rate is that of the others of their architecture.
var rates = map[string]struct{ bf16, fp32 float64 }{
	"sm_80": {2048, 128}, "sm_86": {1024, 256}, "sm_89": {1024, 256}, "sm_90": {4096, 256}, "sm_100": {8192, 256},
}

// Peak is how many floating-point operations a second the GPU does at best, at its highest clock;
// 0: not known of its architecture.
func (d *Device) Peak() float64 {
	i := d.gpu.Info()
	rate := rates[i.Arch()]
	each := map[string]float64{sweep.PrecisionBF16: rate.bf16, sweep.PrecisionTF32: rate.bf16 / 2, sweep.PrecisionFP32: rate.fp32}[d.precision]
	return each * float64(i.SMs) * 1e3 * float64(i.ClockKHz)
}
