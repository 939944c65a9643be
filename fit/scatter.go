package fit

import "math"

// Scatter of runs about the law, in log10 E. Its variance is one of all runs plus what the
// finite number of evaluation samples adds, where that number is known: a share E of m samples
// has the variance (1-E)/(E m) in ln E (delta method).

// evaluationVariance is of log10 E when E was measured on m samples; 0 when m is not known.
func evaluationVariance(y, m float64) float64 {
	if m == 0 {
		return 0
	}
	e := min(pow10(y), 1)
	return (1 - e) / (e * m) / (math.Ln10 * math.Ln10)
}

// samples is the number of evaluation samples of a point: its own, or that of all.
func (e *estimate) samples(p Point) float64 {
	if p.Samples > 0 {
		return p.Samples
	}
	return e.o.Samples
}

// newRunSamples is the number a new run would be evaluated on: that of all, or the points' mean.
func (e *estimate) newRunSamples() float64 {
	if e.o.Samples > 0 {
		return e.o.Samples
	}
	var mean float64
	for _, p := range e.points {
		mean += p.Samples / float64(len(e.points))
	}
	return mean
}

// knownVariance is the mean over the taken nodes of what the evaluation adds, at the law.
func (e *estimate) knownVariance() float64 {
	var mean float64
	for _, n := range e.taken {
		mean += evaluationVariance(e.law.at(e.theta, n), e.samples(e.points[n.source])) / float64(len(e.taken))
	}
	return mean
}

// runVariance is of a new run's log10 E about the law at a place.
func (e *estimate) runVariance(place place) float64 {
	spread := e.spread()
	return e.varianceAt(place, sumSquares(spread)/float64(len(spread)))
}

// varianceAt replaces, in a variance of the taken nodes, what the evaluation adds there by what
// it adds at a place.
func (e *estimate) varianceAt(place place, variance float64) float64 {
	if e.newRunSamples() == 0 {
		return variance
	}
	return max(variance-e.knownVariance(), 0) + evaluationVariance(place(e.law, e.theta), e.newRunSamples())
}

// scaleOfResiduals is by how much larger residuals are at a place than at the taken nodes.
func (e *estimate) scaleOfResiduals(place place) float64 {
	spread := e.spread()
	of := sumSquares(spread) / float64(len(spread))
	if of == 0 {
		return 1
	}
	return math.Sqrt(e.varianceAt(place, of) / of)
}
