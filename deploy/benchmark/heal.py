#!/usr/bin/env python3
"""Heals a small grown model in many ways and sets the results beside those of another program, in Markdown.

heal.py --work DIR --expected DIR --data DIR [--rows table,mix,pruned,kills,ablation,equal,rates] [--only NAME,...]
        [--seeds 1,2,3] [--scale 1] [--rate RATE] [--accrete PATH]

`--expected` has heal-table.json, heal-mix.json and heal-mix.safetensors, whose README defines rows, sampler and
evaluation; `--data` has the models and texts that they name. Needs PyPI's tokenizers 0.21 or newer.
`pruned` takes a layer out and heals the rest, `kills` kills one row ten times at seeded steps and compares the bytes,
`ablation` sets remedies side by side by `accrete ablate`, with the first of the seeds: each switched on alone, then all
that go together with each switched off alone; `--scale 0.1` takes a tenth of the steps.
`equal` grows in several ways at the compute of the grown row of heal-mix, as `accrete plan` counts it; `--scale 0.01`
is a hundredth of that, to see that it works.
`rates` chooses learning rates of base and grown model on one half of the validation text and reports them on the other,
after a quarter of the steps of heal-mix.
A run that is there already is not repeated: the same command goes on after Ctrl-C. Where there are several seeds, means
and their standard deviations follow. At the end it says how many seconds the trainings of each row took, with those of
earlier commands that had the same `--work`.
"""
import argparse
import contextlib
import hashlib
import json
import pathlib
import random
import shutil
import statistics
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOS = 1
LENGTH = 128
WINDOW = 255
KILLS = 10
KINDS = ["table", "mix", "pruned", "kills", "ablation", "equal", "rates"]
BLOCKS = [0, 1, 2, 3, 1, 2, 3, 4]
INTERPOSED = [0, 1, 1, 2, 2, 3, 3, 4]
PRUNED = [0, 1, 3, 4]
RATES = (0.0005, 0.001, 0.002, 0.004, 0.008)

# One remedy on: what is other than in identity clones, in blocks, with everything trained.
ON = {
    "identity-blocks": {},
    "bar": {"baseline": "only"},
    "copy": {"clones.init": "copy"},
    "one-over-k": {"clones.init": "1/k"},
    "identity-interposed": {"sites": INTERPOSED},
    "copy-interposed": {"sites": INTERPOSED, "clones.init": "copy"},
    "one-over-k-interposed": {"sites": INTERPOSED, "clones.init": "1/k"},
    "rate-one-over-k": {"clones.learning_rate": "1/k"},
    "copy-tied": {"clones.init": "copy", "clones.tie": True},
    "copy-gates-one-over-k": {"clones.init": "copy", "clones.gates": {"kind": "scalar", "sites": "all-copies"}},
    "copy-channel-gates": {"clones.init": "copy", "clones.gates": {"kind": "channel", "sites": "all-copies"}},
    "clones-only": {"trainable": "clones"},
    "clones-only-taught-by-base": {"trainable": "clones", "distill": {"teacher": "self", "weight": 0.5}},
    "copy-taught-by-base": {"clones.init": "copy", "distill": {"teacher": "BASE", "weight": 0.5}},
    "copy-lora-8": {"clones.init": "copy", "lora": {"rank": 8, "alpha": 16, "targets": [
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]}},
    "norms-only": {"clones.init": "copy", "trainable": "norms"},
}

# All on that go together: clones that are silent at first, with their share of the rate, gates, a teacher of little
# weight, a guard, a warm-up. What excludes these (ties, LoRA, parts that are frozen) is switched on alone above.
TOGETHER = {
    "clones.learning_rate": "1/k",
    "clones.gates": {"kind": "scalar", "init": "1/k", "sites": "clones"},
    "distill": {"teacher": "BASE", "weight": 0.1, "temperature": 2},
    "monitor.spike": {"z": 6, "then": ["skip"]},
}

# One of them off, or another choice in its place.
OFF = {
    "all-together": {},
    "bar": {"baseline": "only"},
    "without-identity": {"clones.init": "copy"},
    # Its branches are divided already, so gates begin at 1.
    "one-over-k-for-identity": {
        "clones.init": "1/k", "clones.gates": {"kind": "scalar", "init": 1, "sites": "clones"}},
    "interposed-for-blocks": {"sites": INTERPOSED},
    "without-rate-over-k": {"clones.learning_rate": 1},
    "without-gates": {"clones.gates": None},
    "without-teacher": {"distill": None},
    "without-guard": {"monitor.spike": None},
    "without-warm-up": {"optimizer.warmup_steps": 0},
}

# At equal compute: how the model grows, by its rounds. A round has layers to copy and a share of the compute.
MIDDLE = [1, 2, 3]
WAYS = {
    "base": [([], 1)],
    "inserted-at-25": [([], 0.25), (MIDDLE, 0.75)],
    "inserted-at-50": [([], 0.5), (MIDDLE, 0.5)],
    "three-rounds": [([], 0.25), ([2], 0.25), ([1], 0.25), ([3], 0.25)],
}
STARTS = {"from-start-blocks": BLOCKS, "from-start-interposed": INTERPOSED}
SAME_AS = {"base": "base-fine-tuned-1.52x-as-long", "from-start-blocks": "identity-all-5-to-8"}

MASK = (1 << 64) - 1


def split_mix(seed):
    """SplitMix64, without end."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def write_training(path, ids, seed, rows):
    numbers = split_mix(seed)
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(rows):
            start = next(numbers) % (len(ids) - LENGTH)
            out.write(json.dumps({"input_ids": [BOS, *ids[start:start + LENGTH]]}) + "\n")


def write_validation(path, ids):
    with open(path, "w", encoding="utf-8") as out:
        for start in range(0, len(ids), WINDOW):
            out.write(json.dumps({"input_ids": [BOS, *ids[start:start + WINDOW]]}) + "\n")


def shorts(path, name):
    """A tensor of 16-bit integers."""
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    begin, end = json.loads(data[8:8 + length])[name]["data_offsets"]
    return [value[0] for value in struct.iter_unpack("<h", data[8 + length + begin:8 + length + end])]


def encode(model, text):
    from tokenizers import Tokenizer
    with open(text, encoding="utf-8", newline="") as file:
        return Tokenizer.from_file(str(model / "tokenizer.json")).encode(file.read(), add_special_tokens=False).ids


def clones(row):
    """How the clones start, from what the row says of its branches."""
    if row["name"].startswith("identity"):
        return "identity"
    return "1/k" if row["name"].startswith("one-over-k") else "copy"


def insertions(rounds):
    """The sites of each round, counted in the model as it is before it, and the layers of the model after it."""
    layers = list(range(5))
    for copied, share in rounds:
        sites = [layers.index(layer) for layer in copied]
        layers = sorted(layers + copied)
        yield sites, list(layers), share


def growth(laid, row):
    """The section `grow` of a job, if there is more than one round."""
    (_, _, before), *rounds = laid
    if not rounds:
        return ""
    listed = ", ".join(f"{{after_site: {sites}, steps: {steps}}}" for sites, _, steps in rounds)
    return (f"grow: {{steps_before: {before}, plateau: null, schedule_over: {row.get('schedule_over', 'growth')},"
            f" rounds: [{listed}]}}\n")


def summary(found):
    """Means and spreads of what several seeds gave, by name."""
    several = {name: losses for name, losses in found.items() if len(losses) > 1}
    if several:
        print("\n| run | seeds | mean | sd |\n|---|---|---|---|")
        for name, losses in several.items():
            print(f"| {name} | {len(losses)} | {statistics.mean(losses):.4f} | {statistics.stdev(losses):.4f} |",
                  flush=True)


class Bench:
    def __init__(self, given):
        self.given = given
        self.work = given.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.seeds = [int(seed) for seed in given.seeds.split(",")]
        self.seconds = 0
        self.untimed = 0

    @contextlib.contextmanager
    def clock(self, name):
        """Adds to the seconds of a run that are beside it, also where it is interrupted."""
        file = self.work / f"{name}.seconds"
        before = float(file.read_text()) if file.exists() else 0
        begin = time.monotonic()
        try:
            yield
        finally:
            file.write_text(f"{before + time.monotonic() - begin:.3f}\n")

    def count(self, name):
        """Adds the seconds of a run to those of the row."""
        file = self.work / f"{name}.seconds"
        if file.exists():
            self.seconds += float(file.read_text())
        else:
            self.untimed += 1

    def run(self, name, job, command="train"):
        """Validation losses by step."""
        name += f"-rate-{self.given.rate}" if self.given.rate else ""
        out = self.work / name
        if not out.exists():
            file = self.work / f"{name}.yml"
            file.write_text(job, encoding="utf-8")
            with self.clock(name):
                subprocess.run(
                    [self.given.accrete, command, file, out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        self.count(name)
        lines = [json.loads(line) for line in open(out / "metrics.jsonl", encoding="utf-8")]
        return {line["step"]: line["validation"]["loss"] for line in lines if "validation" in line}

    def job(self, table, row, rows, validation, steps, every):
        rate = self.given.rate or row.get("learning_rate", table["schedule"].get("learning_rate"))
        sites = row.get("sites", table.get("sites") if row["name"].startswith("identity") else None)
        return (
            f"model: {self.given.data / table['model']}\n"
            + (f"sites: {sites}\n" if sites else "")
            + f"clones: {{init: {clones(row)}, learning_rate: {row.get('clone_rate', 1)}}}\n"
            f"trainable: {row.get('trainable', 'all')}\n"
            f"data: {{train: [{rows}], validation: [{validation}], sequence_length: {LENGTH + 1},"
            " shuffle: false, pack: false}\n"
            f"batch: {{micro_batch: {table['micro_batch']}, accumulate: 1}}\n"
            f"optimizer: {{learning_rate: {rate}, warmup_steps: {table['schedule']['warmup_steps']}}}\n"
            f"steps: {steps}\nmonitor: {{validate_every: {every}}}\ncheckpoint: {{every: {max(50, steps // 10)}}}\n"
            "pipeline: {stages: 1}\n")

    def chosen(self, row):
        return not self.given.only or row["name"] in self.given.only.split(",")

    def table(self):
        table = json.loads((self.given.expected / "heal-table.json").read_text())
        model = self.given.data / table["model"]
        validation = self.work / "stories-validation.jsonl"
        write_validation(validation, encode(model, self.given.data / table["validation"]))
        ids = encode(model, self.given.data / table["train"])
        for seed in self.seeds:
            write_training(self.work / f"stories-{seed}.jsonl", ids, seed, table["steps"] * table["micro_batch"])
        at = table["evaluated_at"]
        print(f"| start, trained | rate | before | {' | '.join(map(str, at[1:]))} | sd | expected after | difference |")
        print("|---" * (len(at) + 5) + "|")
        for row in filter(self.chosen, table["rows"]):
            runs = [
                self.run(f"{row['name']}-{seed}", self.job(
                    table, row, self.work / f"stories-{seed}.jsonl", validation, table["steps"], 50))
                for seed in self.seeds]
            means = [statistics.mean(run[step] for run in runs) for step in at]
            last = [run[at[-1]] for run in runs]
            expected = [
                run["validation_nll"][-1] for run in row["runs"] if run["seed"] in self.seeds]
            spread = statistics.stdev(last) if len(last) > 1 else 0
            print(f"| {row['name']} | {row['learning_rate']} | " + " | ".join(f"{mean:.4f}" for mean in means)
                  + f" | {spread:.4f} | {statistics.mean(expected):.4f}"
                  f" | {means[-1] - statistics.mean(expected):+.5f} |", flush=True)

    def stories(self, table, seed):
        """Files of training rows and of validation rows."""
        model = self.given.data / table["model"]
        validation = self.work / "stories-validation.jsonl"
        rows = self.work / f"stories-{seed}.jsonl"
        if not validation.exists():
            write_validation(validation, encode(model, self.given.data / table["validation"]))
        if not rows.exists():
            ids = encode(model, self.given.data / table["train"])
            write_training(rows, ids, seed, table["steps"] * table["micro_batch"])
        return rows, validation

    def pruned(self):
        table = json.loads((self.given.expected / "heal-table.json").read_text())
        row = {"name": "pruned", "sites": PRUNED, "learning_rate": 0.0003}
        found = {"before": [], "after": []}
        print(f"| start | seed | before | after {table['steps']} |\n|---|---|---|---|")
        for seed in self.seeds:
            losses = self.run(f"pruned-{seed}", self.job(table, row, *self.stories(table, seed), table["steps"], 50))
            found["before"].append(losses[0])
            found["after"].append(losses[table["steps"]])
            print(f"| pruned 5 -> 4 | {seed} | {losses[0]:.4f} | {losses[table['steps']]:.4f} |", flush=True)
        summary(found)

    def kills(self):
        table = json.loads((self.given.expected / "heal-table.json").read_text())
        row = next(row for row in table["rows"] if row["name"] == "identity-all")
        job = self.job(table, row, *self.stories(table, self.seeds[0]), table["steps"], 50)
        self.run("unkilled", job)
        out = self.work / "killed"
        file = self.work / "killed.yml"
        file.write_text(job, encoding="utf-8")
        for folder in (out, self.work / ".killed.accrete"):
            shutil.rmtree(folder, ignore_errors=True)
        (self.work / "killed.seconds").unlink(missing_ok=True)
        numbers = random.Random(self.seeds[0])
        at = sorted(numbers.sample(range(1, table["steps"] - 20), KILLS))
        with self.clock("killed"):
            for step in at:
                self.killed([self.given.accrete, "train", file, out, "--json"], step)
            subprocess.run([self.given.accrete, "train", file, out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        self.count("killed")
        digests = [hashlib.sha256((self.work / name / "model.safetensors").read_bytes()).hexdigest()
                   for name in ("unkilled", "killed")]
        print(f"killed after steps {at}; sha256 {digests[1]}, "
              + ("the same as undisturbed" if digests[0] == digests[1] else f"OTHER than {digests[0]}"), flush=True)

    @staticmethod
    def killed(command, step):
        """A training that is killed once it has said that step."""
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in process.stdout:
            event = json.loads(line)
            if event.get("event") == "step" and event["step"] >= step:
                break
        process.kill()
        process.wait()

    def ablation(self):
        self.ablate("ablation", ON)
        print()
        self.ablate("ablation-off", {name: TOGETHER | change for name, change in OFF.items()})

    def ablate(self, name, variants):
        table = json.loads((self.given.expected / "heal-table.json").read_text())
        row = {"name": "identity", "sites": BLOCKS, "learning_rate": 0.0003}
        rows, validation = self.stories(table, self.seeds[0])
        steps = max(1, round(table["steps"] * self.given.scale))
        if steps != table["steps"]:
            name = f"{name}-{steps}"
        base = self.work / f"{name}.yml"
        base.write_text(self.job(table, row, rows, validation, steps, max(1, steps // 6)), encoding="utf-8")
        text = json.dumps({"job": str(base), "variants": variants}, indent=1)
        matrix = self.work / f"{name}-matrix.yml"
        matrix.write_text(text.replace("BASE", str(self.given.data / table["model"])), encoding="utf-8")
        if (self.work / name).exists() and not (self.work / f"{name}.seconds").exists():
            self.untimed += 1
        with self.clock(name):
            subprocess.run([self.given.accrete, "ablate", matrix, self.work / name], check=True)
        self.count(name)

    def operations(self, name, job):
        file = self.work / f"{name}.yml"
        file.write_text(job, encoding="utf-8")
        plan = subprocess.run([self.given.accrete, "plan", file, "--json"], check=True, stdout=subprocess.PIPE)
        return json.loads(plan.stdout.splitlines()[-1])["operations"]

    def equal(self):
        table = json.loads((self.given.expected / "heal-mix.json").read_text())
        data = self.given.expected / table["data"]
        validation = self.work / "mix-validation.jsonl"
        write_validation(validation, shorts(data, "validation"))
        grown = next(row for row in table["rows"] if row["name"] == "identity-all-5-to-8")
        cost = {
            5 + len(more): self.operations("one-step", self.job(
                table, {"name": "one-step", "sites": sorted([*range(5), *more])}, validation, validation, 1, 1))
            for more in ([], [2], [1, 2], MIDDLE)}
        budget = grown["steps"] * self.given.scale * cost[len(INTERPOSED)]
        most = round(budget / cost[5])
        found = {}
        print("| run | seed | layers x steps | operations | loss | expected |\n|---|---|---|---|---|---|")
        for seed in self.seeds:
            rows = self.work / f"equal-{seed}-{most}.jsonl"
            if not rows.exists():
                write_training(rows, shorts(data, "train"), seed, most * table["micro_batch"])
            for name, row, rounds in self.ways():
                if not self.chosen({"name": name}):
                    continue
                laid = [(sites, len(layers), max(1, round(share * budget / cost[len(layers)])))
                        for sites, layers, share in rounds]
                steps = sum(own for _, _, own in laid)
                job = self.job(table, row, rows, validation, steps, max(1, steps // 6)) + growth(laid, row)
                run = f"equal-{name}-{seed}-{steps}"
                operations = self.operations(run, job)
                losses = self.run(run, job, "grow" if len(laid) > 1 else "train")
                expected = [own["validation_nll"][-1][1] for own in table["rows"]
                            if own["name"] == SAME_AS.get(name) and own["seed"] == seed and self.given.scale == 1]
                print(f"| {name} | {seed} | {', '.join(f'{layers} x {own}' for _, layers, own in laid)}"
                      f" | {operations:.4g} | {losses[steps]:.4f} | {expected[0] if expected else ''} |", flush=True)
                found.setdefault(name, []).append(losses[steps])
        summary(found)

    @staticmethod
    def ways():
        """What is compared: its name, what it says of the model, and its rounds with sites, layers and shares."""
        for name, sites in STARTS.items():
            for clone_rate in (1, "1/k"):
                yield (name + ("" if clone_rate == 1 else "-rate-over-k"),
                       {"name": "identity", "sites": sites, "clone_rate": clone_rate}, [([], sites, 1)])
        for name, rounds in WAYS.items():
            laid = list(insertions(rounds))
            yield name, {"name": name}, laid
            if len(rounds) > 1:
                yield name + "-rate-over-k", {"name": name, "clone_rate": "1/k"}, laid
                yield name + "-rate-anew", {"name": name, "schedule_over": "round"}, laid

    def mix(self):
        table = json.loads((self.given.expected / "heal-mix.json").read_text())
        data = self.given.expected / table["data"]
        validation = self.work / "mix-validation.jsonl"
        write_validation(validation, shorts(data, "validation"))
        ids = shorts(data, "train")
        found = {}
        print("| row | seed | steps | loss | expected | difference |\n|---|---|---|---|---|---|")
        for row in filter(self.chosen, table["rows"]):
            if row["seed"] not in self.seeds or "steps" not in row:
                continue  # what is grown on the way is another command's
            steps = row["steps"]
            rows = self.work / f"mix-{row['seed']}-{steps}.jsonl"
            write_training(rows, ids, row["seed"], steps * table["micro_batch"])
            every = row["validation_nll"][0][0]
            losses = self.run(f"mix-{row['name']}-{row['seed']}-{steps}", self.job(
                table, row, rows, validation, steps, every))
            expected = row["validation_nll"][-1][1]
            print(f"| {row['name']} | {row['seed']} | {steps} | {losses[steps]:.4f} | {expected:.4f}"
                  f" | {losses[steps] - expected:+.4f} |", flush=True)
            found.setdefault(row["name"], []).append(losses[steps])
        summary(found)

    def rates(self):
        """Windows of the validation text go to the two halves in turns, so that both are of all its parts."""
        table = json.loads((self.given.expected / "heal-mix.json").read_text())
        data = self.given.expected / table["data"]
        whole = self.work / "mix-validation.jsonl"
        write_validation(whole, shorts(data, "validation"))
        windows = open(whole, encoding="utf-8").readlines()
        development, report = self.work / "mix-development.jsonl", self.work / "mix-report.jsonl"
        development.write_text("".join(windows[::2]), encoding="utf-8")
        report.write_text("".join(windows[1::2]), encoding="utf-8")
        steps = round(1000 * self.given.scale)
        best = {}
        print("| start | seed | rate | development | report | |\n|---|---|---|---|---|---|")
        for seed in self.seeds:
            rows = self.work / f"rates-{seed}-{steps}.jsonl"
            write_training(rows, shorts(data, "train"), seed, steps * table["micro_batch"])
            for start in ("base-fine-tuned", "identity-all-5-to-8"):
                found = {}
                for rate in RATES:
                    row = {"name": start, "learning_rate": rate}
                    name = f"rates-{start}-{rate}-{seed}-{steps}"
                    losses = self.run(name, self.job(table, row, rows, development, steps, steps))
                    found[rate] = losses[steps], self.loss(self.work / name, report)
                chosen = min(found, key=lambda rate: found[rate][0])
                best.setdefault(f"{start}, report of the chosen rate", []).append(found[chosen][1])
                for rate, (choosing, reported) in found.items():
                    print(f"| {start} | {seed} | {rate} | {choosing:.4f} | {reported:.4f}"
                          f" | {'chosen' if rate == chosen else ''} |", flush=True)
        summary(best)

    def loss(self, model, rows):
        run = subprocess.run([self.given.accrete, "eval", "--json", "--model", model, "--data", rows],
                             check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(run.stdout.splitlines()[-1])["loss"]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", type=pathlib.Path, required=True)
    options.add_argument("--expected", type=pathlib.Path, required=True)
    options.add_argument("--data", type=pathlib.Path, required=True)
    options.add_argument("--rows", default="table,mix")
    options.add_argument("--only", default="")
    options.add_argument("--seeds", default="1,2,3")
    options.add_argument("--scale", type=float, default=1)
    options.add_argument("--rate", type=float, help="in place of the rate of each row")
    options.add_argument("--accrete", default=str(ROOT / "accrete"))
    given = options.parse_args()
    kinds = given.rows.split(",")
    unknown = set(kinds) - set(KINDS)
    if unknown:
        options.error(f"no rows are called {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    if given.rate and {"kills", "ablation", "rates"} & set(kinds):
        options.error("--rate is for rows of one training each: table, mix, pruned, equal")
    bench = Bench(given)
    taken = {}
    for kind in kinds:
        bench.seconds = 0
        print(f"\n{kind}\n")
        getattr(bench, kind)()
        taken[kind] = bench.seconds
    print("\nseconds: " + ", ".join(f"{kind} {seconds:.0f}" for kind, seconds in taken.items())
          + f"; in all {sum(taken.values()):.0f}"
          + (f"; without those of {bench.untimed} earlier runs, which are not known" if bench.untimed else ""))


if __name__ == "__main__":
    sys.exit(main())
