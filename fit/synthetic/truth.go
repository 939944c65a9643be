package synthetic

import "math"

// additive is E = eps + A/N^a + B/D^b. Its frontier is eps + e0 (C/c0)^(-ab/(a+b)), reached at
// the size n0 at compute c0.
type additive struct {
	c0, n0, e0 float64
	a, b, eps  float64
}

func (t additive) parts() (modelTerm, dataTerm float64) {
	return t.e0 * t.b / (t.a + t.b) * math.Pow(t.n0, t.a), t.e0 * t.a / (t.a + t.b) * math.Pow(t.c0/t.n0, t.b)
}

func (t additive) alpha() float64 { return -t.a * t.b / (t.a + t.b) }

func (t additive) error(n, d float64) float64 {
	model, data := t.parts()
	return t.eps + model*math.Pow(n, -t.a) + data*math.Pow(d, -t.b)
}

func (t additive) frontier(c float64) float64 { return t.eps + t.e0*math.Pow(c/t.c0, t.alpha()) }

func (t additive) coefficients(law string) map[string]float64 {
	if law == "chinchilla" || law == "data-limited" {
		model, data := t.parts()
		return map[string]float64{"A": model, "B": data, "E": t.eps, "R": repeats, "alpha": t.a, "beta": t.b}
	}
	return map[string]float64{"alpha": t.alpha(), "beta": t.e0 * math.Pow(t.c0, -t.alpha()), "eps": t.eps, "c": t.alpha()}
}

// valley is log10 E = log10 e0 + alpha x + side(z), with x = log10 C/c0 and z = log10 N/n0 -
// tilt x decades beside the best size. side and its slope are 0 at 0.
type valley struct {
	c0, n0, e0, alpha, tilt float64
	side                    func(z float64) float64
}

func (t valley) error(n, d float64) float64 {
	x := math.Log10(n * d / t.c0)
	return t.e0 * math.Pow(10, t.alpha*x+t.side(math.Log10(n/t.n0)-t.tilt*x))
}

func (t valley) frontier(c float64) float64 { return t.e0 * math.Pow(c/t.c0, t.alpha) }

func (t valley) coefficients(string) map[string]float64 {
	return map[string]float64{"alpha": t.alpha, "beta": t.e0 * math.Pow(t.c0, -t.alpha)}
}

// parabola is the same to both sides.
func parabola(k float64) func(float64) float64 { return func(z float64) float64 { return k * z * z } }

// lopsided is three times as steep for models too small as for those too large.
func lopsided(k float64) func(float64) float64 {
	return func(z float64) float64 {
		if z < 0 {
			return 3 * k * z * z
		}
		return k * z * z
	}
}

// shifted is E = a (C + shift)^c + d whatever the split of C.
type shifted struct{ a, shift, c, d float64 }

func (t shifted) error(n, d float64) float64 { return t.frontier(n * d) }

func (t shifted) frontier(c float64) float64 { return t.a*math.Pow(c+t.shift, t.c) + t.d }

func (t shifted) coefficients(string) map[string]float64 {
	return map[string]float64{"a": t.a, "b": math.Log(t.shift), "c": t.c, "d": t.d}
}
