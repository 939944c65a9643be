package cli

import (
	"github.com/spf13/pflag"

	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer/clip"
)

const precisionText = "of the arithmetic: fp32, bf16 (amp_bf16 of open_clip), or tf32 of GPUs"

// deviceFlag adds --device.
func deviceFlag(o *pflag.FlagSet, device *string) {
	o.StringVar(device, "device", sweep.DeviceAuto, "auto (a GPU where there is one), cpu, cuda, cuda:N, or cuda:N,M for several GPUs")
}

// devicePlace is what --device names.
func devicePlace(device string) (clip.Place, error) {
	place, err := clip.ParsePlace(device)
	if err != nil {
		return place, usage("--device: %v", err)
	}
	return place, nil
}

// onePlace is the one device that --device names.
func onePlace(device string) (clip.Place, error) {
	place, err := devicePlace(device)
	if err == nil && len(place.Ordinals) > 1 {
		err = usage("--device %s names several devices; this takes one", device)
	}
	return place, err
}

// precisionNamed is a precision as recipes name it; bf16 stands for open_clip's amp_bf16.
func precisionNamed(text string) (string, error) {
	switch text {
	case "bf16":
		return sweep.PrecisionBF16, nil
	case sweep.PrecisionFP32, sweep.PrecisionTF32, sweep.PrecisionBF16:
		return text, nil
	}
	return "", usage("--precision is %q; fp32, bf16 or tf32", text)
}

// engineAt is what computes where --device says.
func (a *app) engineAt(device string) (clip.Engine, error) {
	e := a.engine()
	var err error
	e.Place, err = onePlace(device)
	return e, err
}
