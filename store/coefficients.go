package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Coefficient is one coefficient of a stored fit, as the view scaling_coefficients has it.
type Coefficient struct {
	Sweep          string    `json:"sweep"`
	Metric         string    `json:"metric"`
	Group          *string   `json:"group"`
	Rule           string    `json:"rule"`
	Law            string    `json:"law"`
	Name           string    `json:"coefficient"`
	Value          float64   `json:"value"`
	Lower          float64   `json:"lower"`
	Upper          float64   `json:"upper"`
	Level          float64   `json:"level"`
	IntervalMethod string    `json:"interval_method"`
	Convention     string    `json:"compute_convention"`
	NUsed          int       `json:"n_used"`
	NPoints        int       `json:"n_points"`
	R2             *float64  `json:"r2"`
	Fit            string    `json:"fit"`
	CreatedAt      time.Time `json:"created_at"`
	Newest         bool      `json:"newest"` // no later fit of the same question
	Stale          *string   `json:"stale"`  // what changed under the fit since; null: nothing did
}

// Coefficients lists coefficients, those of the newest fits first.
func (s *Store) Coefficients(ctx context.Context, f FitFilter, p Page) (Listed[Coefficient], error) {
	var at struct {
		CreatedAt time.Time
		Fit, Name string
	}
	further, err := p.after(&at)
	if err != nil {
		return Listed[Coefficient]{}, err
	}
	rows, err := read(ctx, s, "list coefficients", pgx.RowToStructByPos[Coefficient], `
		with part as materialized (
			select sweep, metric, "group", rule, law, coefficient, value, lower, upper, level, interval_method, compute_convention,
			       n_used, n_points, r2, fit, created_at, newest
			from scaling_coefficients
			where ($1 = '' or sweep = $1) and ($2 = '' or metric = $2) and ($3 = '' or law = $3) and ($4 = '' or rule = $4) and ($5 or newest)
			  and (not $6 or (created_at, fit, coefficient) < ($7, $8, $9))
			order by created_at desc, fit desc, coefficient desc limit $10
		), reasons as materialized (
			select fit, fit_stale(fit) as stale from (select distinct fit from part) f -- once for all coefficients of a fit
		)
		select part.*, stale from part join reasons using (fit) order by created_at desc, part.fit desc, coefficient desc`,
		f.Sweep, f.Metric, f.Law, f.Rule, f.All, further, at.CreatedAt, at.Fit, at.Name, p.limit()+1)
	if err != nil {
		return Listed[Coefficient]{}, err
	}
	return listed(rows, p, func(c Coefficient) any {
		at.CreatedAt, at.Fit, at.Name = c.CreatedAt, c.Fit, c.Name
		return at
	})
}
