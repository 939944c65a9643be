package fit

import (
	"fmt"
	"math"
)

// surface is log10 E over compute and model size with a valley in which E = beta C^alpha
// exactly. With x and n the log10 of C and N about their means, the valley lies at
// n = valley + tilt x, its floor is level + alpha x, and at z = n - valley - tilt x decades
// beside it the error is higher:
//
//	additive   by log10((q 10^(-p z) + p 10^(q z)) / (p + q)), alpha = -p q/(p + q), tilt = q/(p + q)
//	quadratic  by k z^2
//
// The additive form is E = A/N^p + B/D^q with C = k N D (Hoffmann et al. 2022, arXiv 2203.15556,
// equation 2 without its floor, and equation 4 for the valley). The quadratic one is the
// parabola of an isoFLOP profile (approach 2 there, and Kaplan et al. 2020), with one width at
// all C. Where samples are seen again, D is the effective number of samples (Muennighoff et al.
// 2023, arXiv 2305.16264, equation 5), so that x is lower by log10 of D over that; the valley
// is that of samples seen once.
//
// Theta is level, valley, ln p, ln q (additive) or level, valley, ln k, alpha, tilt
// (quadratic), then ln R* when repeats.
type surface struct {
	quadratic bool
	repeats   bool
	x, n      float64 // mean log10 of C and N
	unit      float64 // mean log10 of C/(N D)
}

// slope6 has a number for each parameter of a surface.
type slope6 = [surfaceDim]float64

const surfaceDim = 6

func (s *surface) dim() int {
	dim := 4
	if s.quadratic {
		dim++
	}
	if s.repeats {
		dim++
	}
	return dim
}

// bounds of the shape parameters: beyond them the points say nothing about the valley. A fit
// that ends at one is no fit.
func (s *surface) bounds() (lower, upper slope6) {
	wide := math.Inf(1)
	lower, upper = slope6{-wide, -4, -7, -7}, slope6{wide, 4, 2, 2}
	if s.quadratic {
		lower, upper = slope6{-wide, -4, -9, -2, -1}, slope6{wide, 4, 4, 1, 2}
	}
	if s.repeats {
		lower[s.dim()-1], upper[s.dim()-1] = math.Log(0.1), math.Log(1e4)
	}
	return lower, upper
}

// valleyOf is the floor of the valley: its level at the mean compute, alpha and tilt.
func (s *surface) valleyOf(theta []float64) (level, alpha, tilt float64) {
	if s.quadratic {
		return theta[0], theta[3], theta[4]
	}
	p, q := math.Exp(theta[2]), math.Exp(theta[3])
	return theta[0], -p * q / (p + q), q / (p + q)
}

// derive is log10 E at a node and its gradient with respect to theta.
func (s *surface) derive(theta []float64, at *node, g *slope6) float64 {
	x, n := at.x-s.x, at.n/math.Ln10-s.n
	shift, dshift := 0.0, 0.0
	if s.repeats {
		shift, dshift = repetition(at, theta[s.dim()-1])
	}
	level, alpha, tilt := s.valleyOf(theta)
	x += shift
	z := n - theta[1] - tilt*x
	y, dz := level+alpha*x, 0.0
	if s.quadratic {
		k := math.Exp(theta[2])
		dz = 2 * k * z
		*g = slope6{1, -dz, k * z * z, x, -dz * x}
		y += k * z * z
	} else {
		p, q := math.Exp(theta[2]), math.Exp(theta[3])
		beside, share := besideValley(p, q, z)
		dz = share*q - (1-share)*p
		square := 1 / ((p + q) * (p + q))
		*g = slope6{
			1, -dz,
			(-(1-share)*p*z + (share-p/(p+q))/math.Ln10) - p*q*q*square*x + dz*x*p*q*square,
			(share*q*z + (1-share-q/(p+q))/math.Ln10) - p*p*q*square*x - dz*x*p*q*square,
		}
		y += beside
	}
	if s.repeats {
		g[s.dim()-1] = (alpha - tilt*dz) * dshift
	}
	return y
}

// besideValley is how much log10 E an additive surface lies above its valley z decades beside
// it, and the share of the term of D in the error there.
func besideValley(p, q, z float64) (y, share float64) {
	model, data := math.Log(q)-p*z*math.Ln10, math.Log(p)+q*z*math.Ln10
	top := max(model, data)
	m, d := math.Exp(model-top), math.Exp(data-top)
	return (top + math.Log((m+d)/(p+q))) / math.Ln10, d / (m + d)
}

// repetition is log10 of effective over seen samples, with its derivative by logR = ln R*.
// Nothing is lost where no sample is seen twice or the unique ones are not known.
func repetition(at *node, logR float64) (shift, slope float64) {
	again := math.Exp(at.d-at.u) - 1
	if math.IsInf(at.u, -1) || !(again > 0) {
		return 0, 0
	}
	r := math.Exp(logR)
	left := math.Exp(-again / r)
	effective := 1 + r*(1-left) // over U
	shift = math.Log10(effective / (1 + again))
	return shift, r * (1 - left - again/r*left) / (effective * math.Ln10)
}

func (s *surface) names() []string { return []string{"alpha", "beta"} }

func (s *surface) coefficients(theta []float64) []float64 {
	level, alpha, _ := s.valleyOf(theta)
	return []float64{alpha, pow10(level - alpha*s.x)}
}

func (s *surface) formula(c []float64) string { return fmt.Sprintf("E = %.4g C^%.4f", c[1], c[0]) }

func (s *surface) at(theta []float64, n node) float64 {
	var g slope6
	return s.derive(theta, &n, &g)
}

func (s *surface) atCompute(theta []float64, c float64) optimum {
	level, alpha, tilt := s.valleyOf(theta)
	x := math.Log10(c) - s.x
	size := s.n + theta[1] + tilt*x
	return optimum{y: level + alpha*x, n: pow10(size), d: pow10(math.Log10(c) - s.unit - size)}
}
