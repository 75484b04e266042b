#!/usr/bin/env python3
"""Times training steps of Accrete beside eager PyTorch, in turns, stages beside one stage, in one process and in two,
checkpoints beside none, and the way back after the death of a stage; compares memory with the plan, and loads a result
with the transformers library. Prints tables in Markdown.

train.py --work DIR --maker make_model.py [--rows steps,stages,processes,checkpoints,recovery,memory,loads]
         [--peer peer_step.py --python VENV/bin/python] [--pairs 3] [--quick] [--accrete PATH]

`steps` needs the peer: any program that prints one JSON line with `median_ms` for the options --hidden, --layers,
--heads, --kv-heads, --ffn, --vocab, --batch, --length, --steps, --warmup, --threads, --tied and --checkpoint.
`loads` needs a python with transformers.
--quick takes few steps and one pair: to see that it runs, not to quote. Measure on a machine that does nothing else.
"""
import argparse
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import time

from nodes import Node, Worker, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
LARGE = dict(hidden=512, layers=8, heads=8, kv_heads=4, ffn=1408, vocab=8192, batch=4, length=256, steps=8)
SMALL = dict(hidden=64, layers=5, heads=8, kv_heads=4, ffn=172, vocab=512, batch=4, length=128, steps=200)
SHAPES = {"8 layers, hidden 512, batch 4 x 256": LARGE, "5 layers, hidden 64, batch 4 x 128": SMALL}
WARMUP = 3
MICRO_BATCHES = 32
CHECKPOINT_EVERY = 20


def make(work, maker, name, shape):
    """A random model of the shape, and rows of random ids."""
    folder = work / name
    if not folder.exists():
        sizes = ["hidden", "layers", "heads", "kv_heads", "ffn", "vocab"]
        options = [f"--{size.replace('_', '-')}={shape[size]}" for size in sizes]
        subprocess.run([sys.executable, maker, "random", folder, "--dtype", "F32", *options], check=True)
    rows = work / f"{name}.jsonl"
    chance = random.Random(1)
    with open(rows, "w", encoding="utf-8") as out:
        for _ in range(64):
            ids = [chance.randrange(shape["vocab"]) for _ in range(shape["length"] + 1)]
            out.write(json.dumps({"input_ids": ids}) + "\n")
    return folder, rows


class Accrete:
    """Runs trainings of one model, each into the same folder."""

    def __init__(self, program, work, model, rows, shape):
        self.program, self.work, self.model, self.rows, self.shape = program, work, model, rows, shape
        self.out = work / "out"

    def text(self, steps, batch, accumulate, every, pipeline, rows=None, more=""):
        return (
            f"model: {self.model}\n"
            f"data: {{train: [{rows or self.rows}], sequence_length: {self.shape['length'] + 1}, shuffle: false, pack: false}}\n"
            f"batch: {{micro_batch: {batch}, accumulate: {accumulate}}}\n"
            f"steps: {steps}\ncheckpoint: {{every: {every}}}\npipeline: {pipeline}\n{more}")

    def job(self, *settings, **more):
        job = self.work / "job.yml"
        job.write_text(self.text(*settings, **more), encoding="utf-8")
        return job

    def last(self, *arguments):
        """The last object of standard output."""
        run = subprocess.run([self.program, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(run.stdout.splitlines()[-1])

    def train(self, steps, batch=None, accumulate=1, every=None, pipeline="{stages: 1}"):
        """Median milliseconds of a step, as the run's own metrics say, and its result object."""
        total = WARMUP + steps
        job = self.job(total, batch or self.shape["batch"], accumulate, every or total, pipeline)
        subprocess.run(["rm", "-rf", self.out, self.work / ".out.accrete"], check=True)
        result = self.last("train", "--json", "--quiet", job, self.out)
        return median_step(self.out), result

    def planned(self, pipeline):
        """Bytes of the only stage."""
        plan = self.last("plan", "--json", self.job(5, self.shape["batch"], 1, 5, pipeline))
        return plan["pipeline"]["stages"][0]["memory_bytes"]

    def resident(self, pipeline):
        """The most bytes that the steps of a run had in memory, without files that are mapped."""
        subprocess.run(["rm", "-rf", self.out, self.work / ".out.accrete"], check=True)
        job = self.job(10_000, self.shape["batch"], 1, 10_000, pipeline)
        run = subprocess.Popen([self.program, "train", "--json", "--quiet", job, self.out],
                               stdout=subprocess.DEVNULL)
        metrics = self.work / ".out.accrete" / "metrics.jsonl"
        most = 0
        try:
            while not metrics.exists() or len(metrics.read_text().splitlines()) < 6:
                with open(f"/proc/{run.pid}/status", encoding="utf-8") as status:
                    lines = [line for line in status if line.startswith("RssAnon:")]
                most = max(most, *(1024 * int(line.split()[1]) for line in lines))
                time.sleep(0.01)
        finally:
            run.kill()
            run.wait()
        return most

    def bubble(self, batch, accumulate, pipeline):
        """The share of time in which stages wait, by simulation of the schedule over the cut."""
        return self.last("plan", "--json", self.job(1, batch, accumulate, 1, pipeline))["pipeline"]["bubble"]


def measured(out):
    """Lines of a run's own metrics, of the steps that count."""
    return [json.loads(line) for line in open(out / "metrics.jsonl", encoding="utf-8")][WARMUP:]


def median_step(out):
    """Milliseconds."""
    return 1000 * statistics.median(line["seconds"] for line in measured(out))


def least_seconds(line):
    """How long the passes of a step take at least, one forward, one backward, from what each stage took for its own."""
    count = len(line["micro_losses"])
    stages = line["stages"]
    ends = {}
    left = []
    for number in range(len(stages)):
        ahead = min(count, len(stages) - 1 - number)
        order = [("forward", i) for i in range(ahead)]
        for i in range(count - ahead):
            order += [("forward", i + ahead), ("backward", i)]
        left.append(order + [("backward", i) for i in range(count - ahead, count)])
    free = [0.0] * len(stages)
    while any(left):
        for number, order in enumerate(left):
            while order:
                kind, i = order[0]
                before = number - 1 if kind == "forward" else number + 1
                if 0 <= before < len(stages) and (kind, i, before) not in ends:
                    break
                order.pop(0)
                begin = max(free[number], ends.get((kind, i, before), 0.0))
                free[number] = begin + stages[number][kind + "_seconds"] / count
                ends[kind, i, number] = free[number]
    return max(free)


class Cluster:
    """A node that works on nothing, and processes that each hold a stage."""

    def __init__(self, work, workers):
        folder = work / f"cluster-{time.time_ns()}"
        folder.mkdir()
        self.node = Node(str(work), "--workers", "0", "--state", str(folder))
        self.node.until_ready()
        self.workers = [Worker(str(folder), self.node.cluster, "--workers", "1") for _ in range(workers)]
        until(lambda: len(self.get("/workers")) == workers)

    def get(self, path):
        return json.loads(self.node.ask("GET", path)[1])

    def submit(self, text, out):
        """The path of the new job."""
        status, answer = self.node.ask("POST", "/jobs", {"kind": "train", "job": text, "output": str(out)})
        if status != 201:
            raise SystemExit(answer.decode())
        return "/jobs/" + json.loads(answer)["id"]

    def stop(self):
        for process in [*self.workers, self.node]:
            process.stop()


def peer(python, program, shape, checkpoint):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in shape.items()]
    extra = ["--checkpoint"] if checkpoint else []
    run = subprocess.run(
        [python, program, *options, f"--warmup={WARMUP}", "--threads=1", *extra],
        check=True, stdout=subprocess.PIPE, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
    return json.loads(run.stdout.splitlines()[-1])["median_ms"]


def figures(values, digits=1):
    return " ".join(f"{value:.{digits}f}" for value in values)


def steps_beside_the_peer(given, models):
    print("| step, one thread | Accrete ms | PyTorch ms | ratio |\n|---|---|---|---|")
    for name, (own, shape) in models.items():
        for activations in ("keep", "recompute"):
            ours, theirs = [], []
            for _ in range(given.pairs):
                pipeline = f"{{stages: 1, activations: {activations}}}"
                ours.append(own.train(shape["steps"], pipeline=pipeline)[0])
                theirs.append(peer(given.python, given.peer, shape, activations == "recompute"))
            ratio = statistics.median(a / b for a, b in zip(ours, theirs))
            print(f"| {name}, {activations} | {figures(ours)} | {figures(theirs)} | **{ratio:.2f}** |", flush=True)


def beside_one_stage(given, models, where, two_stages):
    """The bound is what the schedule makes of the stage times of the same step. Beside it, what it would make of half
    of all work of one stage alone, which knows nothing of what two threads take from each other."""
    print(f"\n| two stages, {MICRO_BATCHES} micro-batches of one row, {where} | one stage ms | two stages ms "
          "| of the bound | to one stage | if no thread slowed the other ms |\n|---|---|---|---|---|---|")
    for name, (own, shape) in models.items():
        count = max(2, shape["steps"] // MICRO_BATCHES)
        pipeline = "{stages: 2, schedule: 1f1b, activations: keep}"
        bubble = own.bubble(1, MICRO_BATCHES, pipeline)
        ones, twos, shares = [], [], []
        for _ in range(given.pairs):
            ones.append(own.train(count, 1, MICRO_BATCHES, pipeline="{stages: 1, activations: keep}")[0])
            out = two_stages(own, count, pipeline)
            twos.append(median_step(out))
            shares += [least_seconds(line) / line["seconds"] for line in measured(out)]
        alone = [one / (2 * (1 - bubble)) for one in ones]
        share = statistics.median(shares)
        faster = statistics.median(one / two for one, two in zip(ones, twos))
        print(f"| {name} | {figures(ones)} | {figures(twos)} | **{100 * share:.1f} %** | {faster:.2f} "
              f"| {figures(alone)} |", flush=True)


def stages_in_one_process(given, models):
    def run(own, count, pipeline):
        own.train(count, 1, MICRO_BATCHES, pipeline=pipeline)
        return own.out
    beside_one_stage(given, models, "one JVM", run)


def stages_in_two_processes(given, models):
    """With a connection between the stages."""
    def run(own, count, pipeline):
        cluster = Cluster(own.work, 2)
        try:
            out = own.work / f"out-{time.time_ns()}"
            total = WARMUP + count
            job = cluster.submit(own.text(total, 1, MICRO_BATCHES, total, pipeline), out)
            until(lambda: cluster.get(job)["state"] == "SUCCEEDED", 0.5, seconds=600)
            return out
        finally:
            cluster.stop()
    beside_one_stage(given, models, "two JVMs", run)


def recovery_after_a_death(given, models):
    """From `kill -9` of one of two processes with stages, a third being free, to the end of the first step after it."""
    print("\n| `kill -9` of a stage's process, until a step has ended again | seconds | median |\n|---|---|---|")
    for name, (own, _) in models.items():
        times = []
        for _ in range(given.pairs):
            cluster = Cluster(own.work, 3)
            try:
                job = cluster.submit(
                    own.text(10_000, 1, 1, 10_000, "{stages: 2}"), own.work / f"out-{time.time_ns()}")
                step = lambda: (cluster.get(job).get("training") or {}).get("step", 0)
                until(lambda: step() >= 5)
                busy = {task["worker"] for task in cluster.get(job)["running"]}
                pids = [worker["pid"] for worker in cluster.get("/workers") if worker["worker"] in busy]
                before = step()
                killed = time.monotonic()
                os.kill(pids[0], signal.SIGKILL)
                until(lambda: step() < before)
                until(lambda: step() >= 1)
                times.append(time.monotonic() - killed)
            finally:
                cluster.stop()
        print(f"| {name} | {figures(times)} | **{statistics.median(times):.1f} s** |", flush=True)


def memory_beside_the_plan(given, models):
    """Most of the resident memory of a run, less that of a run of a tiny model, beside the difference of their plans."""
    tiny = dict(hidden=64, layers=1, heads=2, kv_heads=1, ffn=64, vocab=64, batch=1, length=16, steps=3)
    small = Accrete(given.accrete, given.work, *make(given.work, given.maker, "tiny", tiny), tiny)
    print("\n| memory beyond that of a tiny model | planned MB | measured MB | ratio |\n|---|---|---|---|")
    for name, (own, _) in models.items():
        for activations in ("keep", "recompute"):
            pipeline = f"{{stages: 1, activations: {activations}}}"
            planned = own.planned(pipeline) - small.planned(pipeline)
            measured = own.resident(pipeline) - small.resident(pipeline)
            print(f"| {name}, {activations} | {planned / 1e6:.0f} | {measured / 1e6:.0f} "
                  f"| **{measured / planned:.2f}** |", flush=True)


def checkpoints_beside_none(given, models):
    """A run without them saves too, once, at its end: what the others cost is scaled up to all of them."""
    print(f"\n| checkpoints every {CHECKPOINT_EVERY} steps | tokens/s with | tokens/s without | cost |\n|---|---|---|---|")
    for name, (own, shape) in models.items():
        saves = 2 if given.quick else 5
        count = CHECKPOINT_EVERY * saves - WARMUP
        with_them, without = [], []
        for _ in range(given.pairs):
            with_them.append(own.train(count, every=CHECKPOINT_EVERY)[1]["tokens_per_second"])
            without.append(own.train(count)[1]["tokens_per_second"])
        cost = statistics.median(1 - a / b for a, b in zip(with_them, without)) * saves / (saves - 1)
        print(f"| {name} | {figures(with_them, 0)} | {figures(without, 0)} | **{100 * cost:.1f} %** |", flush=True)


LOAD = """
import json, sys, torch
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
rows = [json.loads(line)["input_ids"] for line in open(sys.argv[2])][:4]
with torch.no_grad():
    print(sum(float(model(input_ids=torch.tensor([row]), labels=torch.tensor([row])).loss) for row in rows) / len(rows))
"""


def results_with_the_transformers_library(given, models):
    """Its loss on the rows that the model was trained on, beside that of `accrete eval`, in two number formats."""
    print("\n| result of `accrete train` | dtype | loss of transformers | of `accrete eval` |\n|---|---|---|---|")
    for name, (own, shape) in models.items():
        rows = own.work / "few-rows.jsonl"
        rows.write_text("".join(open(own.rows, encoding="utf-8").readlines()[:4]), encoding="utf-8")
        for dtype in ("float32", "bfloat16"):
            subprocess.run(["rm", "-rf", own.out, own.work / ".out.accrete"], check=True)
            job = own.job(12, 4, 1, 12, "{stages: 1}", rows=rows,
                          more=f"optimizer: {{learning_rate: 0.003}}\noutput: {{dtype: {dtype}}}\n")
            own.last("train", "--json", "--quiet", job, own.out)
            run = subprocess.run([given.python, "-c", LOAD, own.out, rows], check=True, stdout=subprocess.PIPE, text=True)
            theirs = float(run.stdout.split()[-1])
            ours = own.last("eval", "--json", "--model", own.out, "--data", rows)["loss"]
            print(f"| {name} | {dtype} | {theirs:.6f} | {ours:.6f} |", flush=True)
            if abs(theirs - ours) > 1e-4 * theirs:
                raise SystemExit("the two losses differ")


ROWS = {"steps": steps_beside_the_peer, "stages": stages_in_one_process, "processes": stages_in_two_processes,
        "checkpoints": checkpoints_beside_none, "recovery": recovery_after_a_death, "memory": memory_beside_the_plan,
        "loads": results_with_the_transformers_library}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--maker", required=True)
    options.add_argument("--rows", default=",".join(ROWS))
    options.add_argument("--peer")
    options.add_argument("--python")
    options.add_argument("--pairs", type=int, default=3)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--accrete", default=str(ROOT / "accrete"))
    given = options.parse_args()
    rows = given.rows.split(",")
    unknown = [row for row in rows if row not in ROWS]
    if unknown:
        options.error(f"no such rows: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    if "steps" in rows and not (given.peer and given.python):
        options.error("the rows `steps` need --peer and --python")
    if "loads" in rows and not given.python:
        options.error("the rows `loads` need --python")
    given.work = work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if given.quick:
        given.pairs = 1
    models = {}
    for i, (name, shape) in enumerate(SHAPES.items()):
        shape = dict(shape, steps=min(shape["steps"], 5)) if given.quick else shape
        models[name] = Accrete(given.accrete, work, *make(work, given.maker, f"model{i}", shape), shape), shape
    for row in rows:
        ROWS[row](given, models)


if __name__ == "__main__":
    main()
