package fit

import "math"

// Profile is the runs of one compute with the parabola of E in ln N that isoflop fits to them
// (approach 2 of Hoffmann et al. 2022).
type Profile struct {
	Points []Point // by compute
	Best   Point   // the bottom, at the mean compute; of a sound parabola
	Reason string  // why it is not used
	curve  [3]float64
	centre float64 // of ln N
}

// Profiles are those of points that have N and D, by compute.
func Profiles(points []Point) []Profile {
	var all []Profile
	for _, p := range profiles(sorted(points)) {
		shown := Profile{Reason: p.reason, curve: p.curve, centre: p.centre}
		for _, n := range p.nodes {
			shown.Points = append(shown.Points, points[n.source])
		}
		if p.reason == "" {
			shown.Best = Point{C: pow10(p.bottom.x), E: pow10(p.bottom.y), N: math.Exp(p.bottom.n), D: math.Exp(p.bottom.d)}
		}
		all = append(all, shown)
	}
	return all
}

// At is the parabola's error at a model size; NaN for a profile without one.
func (p Profile) At(n float64) float64 {
	z := math.Log(n) - p.centre
	if p.curve == [3]float64{} {
		return math.NaN()
	}
	return p.curve[0] + z*(p.curve[1]+z*p.curve[2])
}
