package synthetic

import (
	"math"
	"math/rand/v2"
)

// noise is how a run's error scatters about the surface. Deviations are in log10 E.
type noise struct {
	run     float64 // of a run, or of a cell whose seeds share it
	seed    float64 // of a seed or a checkpoint beside that
	tail    int     // degrees of freedom of Student's t, scaled to the same deviation; 0: normal
	samples float64 // of the evaluation: binomial noise of that many; 0: none
}

// study gives the noise of one study: runs of a cluster share its part.
func (s noise) study(random *rand.Rand) func(e float64, cluster string) float64 {
	shared := map[string]float64{}
	return func(e float64, cluster string) float64 {
		of, drawn := shared[cluster]
		if !drawn || cluster == "" {
			of = s.run * s.draw(random)
			shared[cluster] = of
		}
		return s.evaluated(e*math.Pow(10, of+s.seed*s.draw(random)), random)
	}
}

func (s noise) draw(random *rand.Rand) float64 {
	z := random.NormFloat64()
	if s.tail == 0 {
		return z
	}
	var squares float64
	for range s.tail {
		squares += math.Pow(random.NormFloat64(), 2)
	}
	freedom := float64(s.tail)
	return z / math.Sqrt(squares/freedom) / math.Sqrt(freedom/(freedom-2))
}

// evaluated is the share of wrong answers among the samples, at least half of one, at most all.
func (s noise) evaluated(e float64, random *rand.Rand) float64 {
	if s.samples == 0 {
		return min(e, 1)
	}
	wrong := 0.0
	for range int(s.samples) {
		if random.Float64() < e {
			wrong++
		}
	}
	return max(wrong, 0.5) / s.samples
}
