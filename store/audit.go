package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/scalelaw/scalelaw/sweep"
)

// AuditRow says who asked for which change, when and how it ended.
type AuditRow struct {
	Key       int64     `json:"key"` // place in the record
	At        time.Time `json:"at"`
	Actor     string    `json:"actor"`      // label of a token, or a user of the machine
	Source    string    `json:"source"`     // web or cli
	Action    string    `json:"action"`     // the verb: pause, exclude, token create
	Target    string    `json:"target"`     // a sweep's name, the id of a run, fit or token
	Outcome   string    `json:"outcome"`    // done, refused or failed
	Detail    string    `json:"detail"`     // what came with it, or why not; never a secret
	RequestID string    `json:"request_id"` // of HTTP
	Address   string    `json:"address"`    // that the request came from
}

// Outcome is how an asked-for change ended, for AuditRow.Outcome: refused when it was the
// caller's fault.
func Outcome(err error) string {
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, sweep.ErrBadInput), errors.Is(err, sweep.ErrNotFound), errors.Is(err, sweep.ErrExists),
		errors.Is(err, sweep.ErrUnsupported), errors.Is(err, sweep.ErrDenied):
		return "refused"
	}
	return "failed"
}

// Audit records r; Key and At are the database's.
func (s *Store) Audit(ctx context.Context, r AuditRow) error {
	_, err := s.exec(ctx, "record who asked to "+r.Action, `
		insert into audit (actor, source, action, target, outcome, detail, request_id, address) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.Actor, r.Source, r.Action, r.Target, r.Outcome, r.Detail, r.RequestID, r.Address)
	return err
}

// AuditFilter narrows the record; empty fields do not.
type AuditFilter struct {
	Actor, Action, Target, RequestID string
	Since                            time.Time
	Page
}

// AuditRows lists the record, newest first.
func (s *Store) AuditRows(ctx context.Context, f AuditFilter) (Listed[AuditRow], error) {
	var before *int64
	if _, err := f.after(&before); err != nil {
		return Listed[AuditRow]{}, err
	}
	rows, err := read(ctx, s, "list the audit", scanAudit, `
		select audit_key, at, actor, source, action, target, outcome, detail, request_id, address from audit
		where ($1 = '' or actor = $1) and ($2 = '' or action = $2) and ($3 = '' or target = $3) and ($4 = '' or request_id = $4)
		  and at >= $5 and ($6::bigint is null or audit_key < $6)
		order by audit_key desc limit $7`, f.Actor, f.Action, f.Target, f.RequestID, f.Since, before, f.limit()+1)
	if err != nil {
		return Listed[AuditRow]{}, err
	}
	return listed(rows, f.Page, func(r AuditRow) any { return r.Key })
}

func scanAudit(row pgx.CollectableRow) (r AuditRow, err error) {
	err = row.Scan(&r.Key, &r.At, &r.Actor, &r.Source, &r.Action, &r.Target, &r.Outcome, &r.Detail, &r.RequestID, &r.Address)
	return r, err
}
