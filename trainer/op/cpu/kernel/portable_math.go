package kernel

import "math"

func exp(x float32) float32 { return float32(math.Exp(float64(x))) }

func geluGo(x float64) (value, slope float64) {
	phi := 0.5 * math.Erfc(-x/math.Sqrt2)
	return x * phi, phi + x*math.Exp(-0.5*x*x)/math.Sqrt(2*math.Pi)
}

func quickGELUGo(x float64) (value, slope float64) {
	s := 1 / (1 + math.Exp(-1.702*x))
	return x * s, s + 1.702*x*s*(1-s)
}

func activateGo(f func(float64) (value, slope float64)) Activate {
	return func(y *float32, ldy int, slope *float32, lds int, rows, n int) {
		for r := range rows {
			to, ds := floats(skip(y, r*ldy), n), floats(skip(slope, r*lds), n)
			for i, x := range to {
				value, derivative := f(float64(x))
				ds[i] = float32(derivative)
				to[i] = float32(value)
			}
		}
	}
}

func expOfGo(y, x *float32, n int, a, b float32) float32 {
	var sum float32
	to := floats(y, n)
	for i, v := range floats(x, n) {
		to[i] = exp(a*v + b)
		sum += to[i]
	}
	return sum
}

func expColumnsGo(sums, x, tops *float32, n int, a float32) {
	to, top := floats(sums, n), floats(tops, n)
	for i, v := range floats(x, n) {
		to[i] += exp(a*v - top[i])
	}
}

func attendGo(p *float32, ldp, rows, n, sees, grow int, scale float32, logSum *float32) {
	kept := floats(logSum, rows)
	for r := range kept {
		row := floats(skip(p, r*ldp), n)
		seen := &row[0]
		top := scale * maxOfGo(seen, sees)
		sum := expOfGo(seen, seen, sees, scale, -top)
		scaleGo(seen, seen, sees, 1/sum)
		clear(row[sees:])
		kept[r] = top + float32(math.Log(float64(sum)))
		sees += grow
	}
}

func attendBackGo(p, dp *float32, ldp, rows, n, sees, grow int, scale float32, logSum *float32) {
	for r, kept := range floats(logSum, rows) {
		row, ds := floats(skip(p, r*ldp), n), floats(skip(dp, r*ldp), n)
		expOfGo(&row[0], &row[0], sees, scale, -kept)
		mean := dotGo(&row[0], &ds[0], sees)
		for i, v := range row[:sees] {
			ds[i] = scale * v * (ds[i] - mean)
		}
		clear(row[sees:])
		clear(ds[sees:])
		sees += grow
	}
}

func contrastGo(x, columns *float32, n int, a, row, factor float32) float32 {
	var dot float32
	to, column := floats(x, n), floats(columns, n)
	for i, v := range to {
		p := exp(a*v-row) + exp(a*v-column[i])
		dot += p * v
		to[i] = factor * p
	}
	return dot
}

func sigmoidsGo(x *float32, n int, a, b, factor float32) (loss, dot, sum float32) {
	to := floats(x, n)
	for i, v := range to {
		logit := float64(a*v + b)
		e := math.Exp(-math.Abs(logit))
		s := float32(1 / (1 + e))
		if logit < 0 {
			s *= float32(e)
		}
		loss += float32(max(logit, 0) + math.Log1p(e))
		dot += s * v
		sum += s
		to[i] = factor * s
	}
	return loss, dot, sum
}

func layerNormGo(y, stats, x, gain, bias *float32, rows, width int) {
	g, b, keep := floats(gain, width), floats(bias, width), floats(stats, 2*rows)
	for r := range rows {
		in, out := floats(skip(x, 4*r*width), width), floats(skip(y, 4*r*width), width)
		var sum, squares float32
		for _, v := range in {
			sum += v
		}
		mean := sum / float32(width)
		for _, v := range in {
			squares += (v - mean) * (v - mean)
		}
		scale := float32(1 / math.Sqrt(float64(squares/float32(width)+1e-5)))
		keep[2*r], keep[2*r+1] = mean, scale
		for j, v := range in {
			out[j] = g[j]*(v-mean)*scale + b[j]
		}
	}
}

func layerNormBackGo(dx, dgain, dbias, dy, x, stats, gain, residual *float32, rows, width int) {
	g, dg, db, keep := floats(gain, width), floats(dgain, width), floats(dbias, width), floats(stats, 2*rows)
	for r := range rows {
		in, from, out := floats(skip(x, 4*r*width), width), floats(skip(dy, 4*r*width), width), floats(skip(dx, 4*r*width), width)
		mean, scale := keep[2*r], keep[2*r+1]
		var sum, along float32
		for j, v := range from {
			hat := (in[j] - mean) * scale
			dg[j] += v * hat
			db[j] += v
			sum += g[j] * v
			along += g[j] * v * hat
		}
		sum, along = sum/float32(width), along/float32(width)
		for j, v := range from {
			d := scale * (g[j]*v - sum - (in[j]-mean)*scale*along)
			if residual != nil {
				d += *skip(residual, 4*(r*width+j))
			}
			out[j] = d
		}
	}
}

func adamwGo(p, g, m, v *float32, n int, c *Moments) {
	param, grad, first, second := floats(p, n), floats(g, n), floats(m, n), floats(v, n)
	for i := range param {
		x := c.Clip * grad[i]
		first[i] = c.Beta1*first[i] + c.Rest1*x
		second[i] = c.Beta2*second[i] + c.Rest2*x*x
		root := float32(math.Sqrt(float64(second[i])))
		param[i] = c.Keep*param[i] - c.Size*first[i]/(root*c.Root+c.Eps)
	}
}
