#!/usr/bin/env python3
"""Times one training step of Accrete beside eager PyTorch, in turns, and prints a table in Markdown.

train.py --work DIR --maker make_model.py --peer peer_step.py --python VENV/bin/python [--pairs 3] [--accrete PATH]

The peer is any program that prints one JSON line with `median_ms` for the options --hidden, --layers, --heads,
--kv-heads, --ffn, --vocab, --batch, --length, --steps, --warmup, --threads, --tied and --checkpoint.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHAPES = {
    "8 layers, hidden 512, batch 4 x 256": dict(
        hidden=512, layers=8, heads=8, kv_heads=4, ffn=1408, vocab=8192, batch=4, length=256, steps=8),
    "5 layers, hidden 64, batch 4 x 128": dict(
        hidden=64, layers=5, heads=8, kv_heads=4, ffn=172, vocab=512, batch=4, length=128, steps=200),
}
WARMUP = 3


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


def accrete(program, work, folder, rows, shape, activations):
    """Median milliseconds of a step, as the run's own metrics say."""
    job = work / "job.yml"
    steps = WARMUP + shape["steps"]
    job.write_text(
        f"model: {folder}\n"
        f"data: {{train: [{rows}], sequence_length: {shape['length'] + 1}, shuffle: false, pack: false}}\n"
        f"batch: {{micro_batch: {shape['batch']}, accumulate: 1}}\n"
        f"steps: {steps}\ncheckpoint: {{every: {steps}}}\n"
        f"pipeline: {{stages: 1, activations: {activations}}}\n", encoding="utf-8")
    out = work / "out"
    subprocess.run(["rm", "-rf", out, work / ".out.accrete"], check=True)
    subprocess.run([program, "train", job, out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in open(out / "metrics.jsonl", encoding="utf-8")]
    return 1000 * statistics.median(line["seconds"] for line in lines[WARMUP:])


def peer(python, program, shape, checkpoint):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in shape.items()]
    extra = ["--checkpoint"] if checkpoint else []
    run = subprocess.run(
        [python, program, *options, f"--warmup={WARMUP}", "--threads=1", *extra],
        check=True, stdout=subprocess.PIPE, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
    return json.loads(run.stdout.splitlines()[-1])["median_ms"]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--maker", required=True)
    options.add_argument("--peer", required=True)
    options.add_argument("--python", required=True)
    options.add_argument("--pairs", type=int, default=3)
    options.add_argument("--accrete", default=str(ROOT / "accrete"))
    given = options.parse_args()
    work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    print("| step | Accrete ms | PyTorch ms | ratio |\n|---|---|---|---|")
    for i, (name, shape) in enumerate(SHAPES.items()):
        folder, rows = make(work, given.maker, f"model{i}", shape)
        for activations in ("keep", "recompute"):
            own, theirs = [], []
            for _ in range(given.pairs):
                own.append(accrete(given.accrete, work, folder, rows, shape, activations))
                theirs.append(peer(given.python, given.peer, shape, activations == "recompute"))
            ratio = statistics.median(a / b for a, b in zip(own, theirs))
            figures = [" ".join(f"{each:.1f}" for each in all) for all in (own, theirs)]
            print(f"| {name}, {activations} | {figures[0]} | {figures[1]} | **{ratio:.2f}** |", flush=True)


if __name__ == "__main__":
    main()
