package cpu

// sumRows computes the rows' sums, and the columns' within the chunk.
func (t *contrast) sumRows(chunk, from, to int) {
	k, n := t.d.k, t.n
	tops, sums := t.tops[chunk*n:][:n], t.sums[chunk*n:][:n]
	k.Scale(&tops[0], &t.row(from)[0], n, t.scale)
	for i := from; i < to; i++ {
		row := t.row(i)
		k.Scale(&sums[0], &row[0], n, t.scale) // scratch: the logits of the row
		k.MaxInto(&tops[0], &sums[0], n)
		top := k.MaxOf(&sums[0], n)
		t.rowSum[i] = top + log(k.ExpOf(&sums[0], &sums[0], n, 1, -top))
	}
	clear(sums)
	for i := from; i < to; i++ {
		k.ExpColumns(&sums[0], &t.row(i)[0], &tops[0], n, t.scale)
	}
}

// columns puts the chunks' sums together: log of sum over chunks of sums*exp(tops - top).
func (t *contrast) columns() {
	k, n, chunks := t.d.k, t.n, ceil(t.n, lossRows)
	if n == 0 {
		return
	}
	top, sum := t.columnSum[:n], t.sums[:n]
	copy(top, t.tops[:n])
	for c := 1; c < chunks; c++ {
		k.MaxInto(&top[0], &t.tops[c*n], n)
	}
	for c := range chunks {
		tops, sums := t.tops[c*n:][:n], t.sums[c*n:][:n]
		k.AddScaled(&tops[0], &top[0], n, -1)
		k.ExpOf(&tops[0], &tops[0], n, 1, 0)
		k.Mul(&sums[0], 4*n, &tops[0], 4*n, 1, n)
		if c > 0 {
			k.AddScaled(&sum[0], &sums[0], n, 1)
		}
	}
	for j := range n {
		top[j] += log(sum[j])
	}
}

// softmaxRow turns a row of cosines into derivatives: scale/2n times the sum of both softmaxes,
// less two on the diagonal.
func (t *contrast) softmaxRow(i int, total []float64) {
	row := t.row(i)
	cosine := row[i]
	factor := t.scale / float32(2*t.n)
	dot := t.d.k.Contrast(&row[0], &t.columnSum[0], t.n, t.scale, t.rowSum[i], factor)
	row[i] -= 2 * factor
	logit := float64(t.scale) * float64(cosine)
	total[0] += (float64(t.rowSum[i]) + float64(t.columnSum[i]) - 2*logit) / float64(2*t.n)
	total[1] += float64(factor) * (float64(dot) - 2*float64(cosine))
}

// sigmoidRow does so for SigLIP. Off the diagonal a pair adds softplus(logit); on it,
// softplus(-logit) = softplus(logit) - logit.
func (t *contrast) sigmoidRow(i int, total []float64) {
	row := t.row(i)
	cosine := row[i]
	factor := t.scale / float32(t.n)
	loss, dot, sum := t.d.k.Sigmoids(&row[0], t.n, t.scale, t.bias, factor)
	row[i] -= factor
	n := float64(t.n)
	total[0] += (float64(loss) - float64(t.scale)*float64(cosine) - float64(t.bias)) / n
	total[1] += float64(factor) * (float64(dot) - float64(cosine))
	total[2] += (float64(sum) - 1) / n
}
