"""The peer of `scalelaw bench orchestrate`: N no-op trials of a grid in Optuna, its study in
Postgres, two processes. Prints trials per second.

    pip install optuna==5.0.0 psycopg2-binary
    python3 docs/bench/optuna_grid.py --trials 1000 \
        --storage 'postgresql+psycopg2://USER@/DATABASE?host=/FOLDER/OF/THE/SOCKET'
"""
import argparse
import json
import multiprocessing
import time

import optuna


def work(storage, study, trials):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    grid = {"cell": list(range(trials))}
    loaded = optuna.load_study(study_name=study, storage=storage, sampler=optuna.samplers.GridSampler(grid, seed=0))
    loaded.optimize(lambda trial: float(trial.suggest_int("cell", 0, trials - 1)), n_trials=trials)


def finished(storage, study):
    trials = optuna.load_study(study_name=study, storage=storage).get_trials(deepcopy=False)
    return sum(t.state == optuna.trial.TrialState.COMPLETE for t in trials)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--storage", required=True)
    a = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = f"grid-{a.trials}-{int(time.time())}"
    optuna.create_study(study_name=study, storage=a.storage)
    begin = time.perf_counter()
    share = [a.trials] * a.processes
    workers = [multiprocessing.Process(target=work, args=(a.storage, study, n)) for n in share]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    seconds = time.perf_counter() - begin
    done = finished(a.storage, study)
    print(json.dumps({"trials": done, "seconds": round(seconds, 2), "trials_per_second": round(done / seconds, 2)}))


if __name__ == "__main__":
    main()
