package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.temporal.io/sdk/worker"

	"github.com/scalelaw/scalelaw/activities"
	"github.com/scalelaw/scalelaw/store"
	"github.com/scalelaw/scalelaw/sweep"
	"github.com/scalelaw/scalelaw/trainer"
	"github.com/scalelaw/scalelaw/trainer/artifact"
	"github.com/scalelaw/scalelaw/trainer/clip"
	"github.com/scalelaw/scalelaw/trainer/cuda/library"
	"github.com/scalelaw/scalelaw/trainer/gpus"
	"github.com/scalelaw/scalelaw/trainer/op/cpu"
	"github.com/scalelaw/scalelaw/trainer/surface"
	"github.com/scalelaw/scalelaw/workflows"
)

var _ activities.Store = (*store.Store)(nil)

// engine is what the clip trainer computes with. The runs of one worker share its cores. Why the
// CPU computes on a host without a usable GPU is said once.
func (a *app) engine() clip.Engine {
	var told sync.Once
	return clip.Engine{
		Level: a.config.CPU, Cores: &cpu.Cores{}, GPUs: a.gpus(),
		Warn: func(text string) { told.Do(func() { a.say("%s", text) }) },
	}
}

// gpus are the host's. What was compiled and measured for them is kept beside the user's other
// caches.
func (a *app) gpus() *gpus.Host {
	if a.host == nil {
		a.host = gpus.New(library.NewSearch(a.getenv), filepath.Join(a.cacheDir(), "cuda"), func(text string) { a.say("warning: %s", text) })
		if !a.config.ShareGPUs {
			a.host.Claim(os.TempDir())
		}
	}
	return a.host
}

// cacheDir is where what can be made again is kept.
func (a *app) cacheDir() string {
	if dir := a.getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "scalelaw")
	}
	return filepath.Join(a.config.DataDir, "cache")
}

// trainers are the implementations that this program has.
func (a *app) trainers() map[string]trainer.Trainer {
	return map[string]trainer.Trainer{sweep.TrainerClip: clip.Trainer{Engine: a.engine()}, sweep.TrainerSurface: surface.Trainer{}}
}

// artifacts is where checkpoints lie.
func (a *app) artifacts() (artifact.Store, error) {
	dir := a.config.Artifacts
	if dir == "" {
		dir = filepath.Join(a.config.DataDir, "artifacts")
	}
	return artifact.NewFiles(dir)
}

// drainFor is how long a stopping worker may take to save its runs.
const drainFor = 30 * time.Second

// heartbeatAtMost is how often a heartbeat goes out, and so how late pause and cancel arrive.
// The SDK gives up a heartbeat, and with it the attempt, that takes longer than this.
const heartbeatAtMost = 3 * time.Second

// workerOptions is how much a worker does at once.
type workerOptions struct {
	concurrency int // activities at once; 0: see atOnce
	threads     int // of one run
	runsPerGPU  int // at once
}

// startWorker makes this process take workflows and activities. The caller stops it.
func (s *session) startWorker(o workerOptions) (worker.Worker, error) {
	if err := errors.Join(checkThreads(o.threads), o.checkGPUs()); err != nil {
		return nil, err
	}
	devices, n := s.app.handOut(o)
	s.lost = devices.Gone()
	files, err := s.app.artifacts()
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	identity := fmt.Sprintf("%s/%d", host, os.Getpid())
	do := activities.New(activities.Deps{
		Store: s.store, Trainers: s.app.trainers(), Artifacts: files, Worker: identity, Threads: o.threads, Devices: devices, Version: Version(),
	})
	w := worker.New(s.temporal, workflows.TaskQueue, worker.Options{
		Identity: identity, WorkerStopTimeout: drainFor,
		MaxConcurrentActivityExecutionSize:     o.atOnce(n),
		MaxConcurrentWorkflowTaskExecutionSize: 50,
		MaxHeartbeatThrottleInterval:           heartbeatAtMost,
	})
	workflows.Register(w, do)
	if err := w.Start(); err != nil {
		return nil, fmt.Errorf("start the worker: %w", err)
	}
	return w, nil
}
