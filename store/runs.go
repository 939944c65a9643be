package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// runColumns are the arrays that runs are inserted from, many at a time.
type runColumns struct {
	id, trainer, revision, model, data, dataRevision []string
	asked, actual, seed                              []int64
	recipe, resolved                                 [][]byte
	gmacs, total                                     []float64
}

// addRuns stores the runs that are not there yet, with their models and data sets.
func addRuns(ctx context.Context, tx pgx.Tx, plan []sweep.Run) error {
	var c runColumns
	models, data := map[string]sweep.Model{}, map[[2]string]sweep.Dataset{}
	for _, r := range plan {
		hash, err := modelHash(r.Model)
		if err != nil {
			return err
		}
		models[hash], data[[2]string{r.Data.Name, r.Data.Revision}] = r.Model, r.Data
		if err := c.add(r, hash); err != nil {
			return err
		}
	}
	if err := addModels(ctx, tx, models); err != nil {
		return err
	}
	byName := func(a, b sweep.Dataset) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Revision, b.Revision))
	}
	for _, d := range slices.SortedFunc(maps.Values(data), byName) {
		if _, err := tx.Exec(ctx, "insert into datasets (name, revision, pairs, source) values ($1, $2, $3, $4) on conflict do nothing", d.Name, d.Revision, d.Pairs, d.Source); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		insert into runs (run, trainer, trainer_revision, model_key, dataset_key, samples_seen, actual_samples_seen, seed, recipe,
		                  gmacs_per_sample, gmacs_total, resolved, state)
		select p.run, p.trainer, p.revision, m.model_key, d.dataset_key, p.asked, p.actual, p.seed, p.recipe, p.gmacs, p.total, p.resolved, 'planned'
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
		            $10::jsonb[], $11::jsonb[], $12::float8[], $13::float8[])
		     as p (run, trainer, revision, model, data, data_revision, asked, actual, seed, recipe, resolved, gmacs, total)
		join models m on m.config_sha256 = p.model
		join datasets d on d.name = p.data and d.revision = p.data_revision
		order by p.run
		on conflict (run) do nothing`,
		c.id, c.trainer, c.revision, c.model, c.data, c.dataRevision, c.asked, c.actual, c.seed, c.recipe, c.resolved, c.gmacs, c.total)
	return err
}

func (c *runColumns) add(r sweep.Run, model string) error {
	recipe, err := json.Marshal(r.Recipe)
	if err != nil {
		return err
	}
	resolved, err := json.Marshal(r)
	if err != nil {
		return err
	}
	c.id, c.trainer, c.revision = append(c.id, r.ID), append(c.trainer, r.Trainer), append(c.revision, r.TrainerRevision)
	c.model, c.data, c.dataRevision = append(c.model, model), append(c.data, r.Data.Name), append(c.dataRevision, r.Data.Revision)
	c.asked, c.actual, c.seed = append(c.asked, r.SamplesSeen), append(c.actual, r.ActualSamplesSeen), append(c.seed, r.Seed)
	c.recipe, c.resolved = append(c.recipe, recipe), append(c.resolved, resolved)
	c.gmacs, c.total = append(c.gmacs, r.GMACsPerSample), append(c.total, r.GMACsTotal)
	return nil
}

// modelHash is the identity of an architecture, whatever its name.
func modelHash(m sweep.Model) (string, error) {
	m.Name = ""
	text, err := json.Marshal(m)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

func addModels(ctx context.Context, tx pgx.Tx, models map[string]sweep.Model) error {
	for _, hash := range slices.Sorted(maps.Keys(models)) { // one order for all, so that no two wait for each other
		m := models[hash]
		config, err := json.Marshal(m)
		if err != nil {
			return err
		}
		g := m.GMACs()
		if _, err := tx.Exec(ctx, `
			insert into models (config_sha256, name, config, parameters, gmacs_image, gmacs_text) values ($1, $2, $3, $4, $5, $6)
			on conflict do nothing`, hash, m.Name, config, m.Params(), g.Image, g.Text); err != nil {
			return err
		}
	}
	return nil
}

func scanRun(row pgx.CollectableRow) (r sweep.Run, err error) {
	var resolved []byte
	if err := row.Scan(&resolved); err != nil {
		return r, err
	}
	return r, json.Unmarshal(resolved, &r)
}

// Run reads a run by its whole id.
func (s *Store) Run(ctx context.Context, id string) (sweep.Run, error) {
	runs, err := s.Runs(ctx, []string{id})
	if err != nil {
		return sweep.Run{}, err
	}
	return runs[0], nil
}

// Runs reads runs in the order asked for; one that is not there is ErrNotFound.
func (s *Store) Runs(ctx context.Context, ids []string) ([]sweep.Run, error) {
	found, err := read(ctx, s, "read runs", scanRun, `
		select r.resolved from unnest($1::text[]) with ordinality as p (run, place) join runs r using (run) order by p.place`, ids)
	if err == nil && len(found) != len(ids) {
		return nil, fmt.Errorf("read %d runs (%s): %d of them %w", len(ids), strings.Join(ids[:min(3, len(ids))], ", "), len(ids)-len(found), sweep.ErrNotFound)
	}
	return found, err
}

// KnownRuns tells which of the ids exist, where they stand and how many checkpoints they kept.
func (s *Store) KnownRuns(ctx context.Context, ids []string) (sweep.Known, error) {
	known := sweep.Known{}
	_, err := read(ctx, s, "look up runs", func(row pgx.CollectableRow) (struct{}, error) {
		var id string
		var k sweep.KnownRun
		err := row.Scan(&id, &k.State, &k.Checkpoints)
		known[id] = k
		return struct{}{}, err
	}, `select r.run, r.state, (select count(*) from checkpoints c where c.run_key = r.run_key and c.kept) from runs r where r.run = any($1)`, ids)
	return known, err
}

// SetRunState moves a run. One that succeeded stays so.
func (s *Store) SetRunState(ctx context.Context, id string, state sweep.State, reason string) error {
	n, err := s.exec(ctx, "set state of run "+id, `
		update runs set state = case when state = 'succeeded' then state else $2 end,
		                reason = case when state = 'succeeded' then reason else $3 end,
		                ended_at = case when state = 'succeeded' then ended_at when $4 then now() end
		where run = $1`, id, state, reason, state.Final())
	if err == nil && n == 0 {
		return fmt.Errorf("set state of run %s: %w", id, sweep.ErrNotFound)
	}
	return err
}

// RunState reads where a run stands, and why.
func (s *Store) RunState(ctx context.Context, id string) (state sweep.State, reason string, err error) {
	err = s.pool.QueryRow(ctx, "select state, reason from runs where run = $1", id).Scan(&state, &reason)
	return state, reason, wrap("read state of run "+id, err)
}
