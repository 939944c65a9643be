package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/scalelaw/scalelaw/internal/pgembed"
	"github.com/scalelaw/scalelaw/internal/servers"
)

// finding is one line of doctor.
type finding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "What works here, and the way out where something does not", Example: "  scalelaw doctor", Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			all := a.examine(c.Context())
			t := &table{header: []string{"what", "ok", "detail"}}
			bad := 0
			for _, f := range all {
				t.add(f.What, map[bool]string{true: "yes", false: "NO"}[f.OK], f.Detail)
				if !f.OK {
					bad++
				}
			}
			if err := a.print(all, t); err != nil || bad == 0 {
				return err
			}
			return fmt.Errorf("%d of %d checks failed", bad, len(all))
		},
	}
}

// lowDisk is the free space below which doctor complains.
const lowDisk = 2 << 30

func (a *app) examine(ctx context.Context) []finding {
	var all []finding
	add := func(what string, err error, detail string) {
		if err != nil {
			detail = err.Error()
		}
		all = append(all, finding{what, err == nil, detail})
	}
	add("program", nil, Version()+", "+runtime.Version()+", "+map[bool]string{true: "servers embedded", false: "servers by address"}[a.embedded != nil])
	all = append(all, a.examineGPUs()...)
	if a.config.DatabaseURL == "" {
		bin, err := pgembed.FindBinaries(a.config.PostgresBin)
		add("Postgres' programs", err, bin)
		free, err := freeBytes(a.config.DataDir)
		if err == nil && free < lowDisk {
			err = fmt.Errorf("%.1f GB are free at %s: checkpoints need room; choose another --data-dir or free some", float64(free)/1e9, a.config.DataDir)
		}
		add("disk", err, fmt.Sprintf("%.1f GB free at %s", float64(free)/1e9, a.config.DataDir))
	}
	s, err := a.open(ctx, need{command: "doctor", temporal: true, uiPort: servers.NoUI})
	if err != nil {
		add("servers", err, "")
		return all
	}
	detail := "started for this check, stopped again"
	if s.attached {
		detail = fmt.Sprintf("those of `scalelaw %s` (pid %d)", s.addresses.Command, s.addresses.PID)
	}
	add("Postgres and its schema", nil, detail)
	add("Temporal", nil, s.addresses.TemporalAddress+" "+detail)
	add("stop", s.close(), "clean")
	return all
}

// examineGPUs tells what GPUs were found, or why runs compute on the CPU, which is no failure. On
// a host with a driver every part that lacks is told by itself.
func (a *app) examineGPUs() []finding {
	var all []finding
	parts := a.gpus().Report()
	for _, p := range parts {
		if p.Err == nil {
			all = append(all, finding{p.What, true, p.Detail})
			continue
		}
		optional := p.What == "NCCL" || parts[0].Err != nil
		detail := p.Err.Error()
		if p.What == "NCCL" {
			detail += " (only several GPUs together need it)"
		}
		if p.What == parts[0].What {
			detail = "runs compute on the CPU: " + detail
		} else if parts[0].Err != nil {
			continue // nobody needs it
		}
		all = append(all, finding{p.What, optional, detail})
	}
	return all
}

// freeBytes is the room left where a folder is or will be.
func freeBytes(dir string) (uint64, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			return st.Bavail * uint64(st.Bsize), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return 0, fmt.Errorf("free space of %s: %w", dir, err)
		}
		dir = parent
	}
}
