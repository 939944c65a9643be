package fit

import "math"

// At is the law's error for a point, from the coefficients: laws of compute read C, chinchilla
// N and D, data-limited U too. isoflop is its error at the best N. ok is false for a refusal,
// and where the point lacks what the law reads.
func (r Result) At(p Point) (e float64, ok bool) {
	c := map[string]float64{}
	for _, x := range r.Coefficients {
		c[x.Name] = x.Value
	}
	switch d := p.D; r.Law {
	case "power", "isoflop":
		e = c["beta"] * math.Pow(p.C, c["alpha"])
	case "power-floor":
		e = c["eps"] + c["beta"]*math.Pow(p.C, c["alpha"])
	case "shifted":
		e = c["a"]*math.Pow(p.C+math.Exp(c["b"]), c["c"]) + c["d"]
	case "data-limited":
		if repeats := p.D/p.U - 1; repeats > 0 {
			d = p.U * (1 - c["R"]*math.Expm1(-repeats/c["R"]))
		}
		fallthrough
	case "chinchilla":
		e = c["E"] + c["A"]/math.Pow(p.N, c["alpha"]) + c["B"]/math.Pow(d, c["beta"])
	}
	return e, r.Status == "ok" && e > 0 && finite(e)
}
