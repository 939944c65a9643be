"""Compares `scalelaw bench orchestrate` with Optuna on the same machine, in one run, turn by turn.

    make bench-optuna                                   # what this is called by; makes the environment

Each round runs N no-op runs in scalelaw, with a workflow each, and N no-op trials of a grid in
Optuna, two processes, its study in a Postgres of its own that is set up as scalelaw's is. Prints
each round, the medians and their ratio.
"""
import argparse
import contextlib
import glob
import json
import os
import pathlib
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def postgres_programs():
    found = shutil.which("initdb")
    folders = [os.path.dirname(found)] if found else sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not folders:
        sys.exit("no Postgres: install postgresql, or put initdb on the PATH")
    return folders[-1]


@contextlib.contextmanager
def postgres():
    """A cluster in a temporary folder, on a Unix socket; as root it runs as the user postgres."""
    programs, folder = postgres_programs(), tempfile.mkdtemp(prefix="optuna-pg-")
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    if os.getuid() == 0:
        shutil.chown(folder, user)
    own = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
    run = lambda *args: subprocess.run([*own, *args], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    data = folder + "/data"
    control = [programs + "/pg_ctl", "-D", data, "-w", "-l", folder + "/log"]
    run(programs + "/initdb", "-D", data, "-U", user, "-A", "trust", "--no-instructions")
    run(*control, "-o", f"-c listen_addresses= -c unix_socket_directories={folder} -c synchronous_commit=off -c jit=off", "start")
    try:
        yield f"postgresql+psycopg2://{user}@/postgres?host={folder}"
    finally:
        run(*control, "-m", "fast", "stop")
        shutil.rmtree(folder)


def last_json(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scalelaw", default="bin/scalelaw-standalone")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    ours, theirs = [], []
    with postgres() as storage:
        for _ in range(a.rounds):
            mine = last_json([a.scalelaw, "bench", "orchestrate", "--runs", str(a.runs), "-o", "json"])
            peer = last_json([sys.executable, HERE / "optuna_grid.py", "--trials", str(a.runs), "--storage", storage])
            ours.append(mine["runs_per_second"])
            theirs.append(peer["trials_per_second"])
            print(json.dumps({"scalelaw_runs_per_second": ours[-1], "optuna_trials_per_second": theirs[-1]}), flush=True)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    print(json.dumps({"runs": a.runs, "scalelaw_median": mine, "optuna_median": peer, "ratio": round(mine / peer, 2)}))


if __name__ == "__main__":
    main()
