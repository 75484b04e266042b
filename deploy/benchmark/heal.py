#!/usr/bin/env python3
"""Heals a small grown model in many ways and sets the results beside those of another program, in Markdown.

heal.py --work DIR --expected DIR --data DIR [--rows table,mix,pruned,kills,ablation,equal,rates] [--only NAME,...]
        [--seeds 1,2,3] [--scale 1] [--accrete PATH]

`--expected` has heal-table.json, heal-mix.json and heal-mix.safetensors, whose README defines rows, sampler and
evaluation; `--data` has the models and texts that they name. Needs PyPI's tokenizers 0.21 or newer.
`pruned` takes a layer out and heals the rest, `kills` kills one row ten times at seeded steps and compares the bytes,
`ablation` sets remedies side by side by `accrete ablate`, with the first of the seeds.
`equal` grows in several ways at the compute of the grown row of heal-mix, as `accrete plan` counts it; `--scale 0.01`
is a hundredth of that, to see that it works.
`rates` chooses learning rates of base and grown model on one half of the validation text and reports them on the other,
after a quarter of the steps of heal-mix.
A run that is there already is not repeated: the same command goes on after Ctrl-C.
"""
import argparse
import hashlib
import json
import pathlib
import random
import shutil
import statistics
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOS = 1
LENGTH = 128
WINDOW = 255
KILLS = 10
BLOCKS = [0, 1, 2, 3, 1, 2, 3, 4]
INTERPOSED = [0, 1, 1, 2, 2, 3, 3, 4]
PRUNED = [0, 1, 3, 4]
RATES = (0.0005, 0.001, 0.002)

# What is other than in identity clones, in blocks, with everything trained.
VARIANTS = {
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


class Bench:
    def __init__(self, given):
        self.given = given
        self.work = given.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.seeds = [int(seed) for seed in given.seeds.split(",")]

    def run(self, name, job, command="train"):
        """Validation losses by step."""
        out = self.work / name
        if not out.exists():
            file = self.work / f"{name}.yml"
            file.write_text(job, encoding="utf-8")
            subprocess.run([self.given.accrete, command, file, out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        lines = [json.loads(line) for line in open(out / "metrics.jsonl", encoding="utf-8")]
        return {line["step"]: line["validation"]["loss"] for line in lines if "validation" in line}

    def job(self, table, row, rows, validation, steps, every):
        rate = row.get("learning_rate", table["schedule"].get("learning_rate"))
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
        print(f"| start | seed | before | after {table['steps']} |\n|---|---|---|---|")
        for seed in self.seeds:
            losses = self.run(f"pruned-{seed}", self.job(table, row, *self.stories(table, seed), table["steps"], 50))
            print(f"| pruned 5 -> 4 | {seed} | {losses[0]:.4f} | {losses[table['steps']]:.4f} |", flush=True)

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
        numbers = random.Random(self.seeds[0])
        at = sorted(numbers.sample(range(1, table["steps"] - 20), KILLS))
        for step in at:
            process = subprocess.Popen(
                [self.given.accrete, "train", file, out, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            for line in process.stdout:
                event = json.loads(line)
                if event.get("event") == "step" and event["step"] >= step:
                    break
            process.kill()
            process.wait()
        subprocess.run([self.given.accrete, "train", file, out, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        digests = [hashlib.sha256((self.work / name / "model.safetensors").read_bytes()).hexdigest()
                   for name in ("unkilled", "killed")]
        print(f"killed after steps {at}; sha256 {digests[1]}, "
              + ("the same as undisturbed" if digests[0] == digests[1] else f"OTHER than {digests[0]}"), flush=True)

    def ablation(self):
        table = json.loads((self.given.expected / "heal-table.json").read_text())
        row = {"name": "identity", "sites": BLOCKS, "learning_rate": 0.0003}
        rows, validation = self.stories(table, self.seeds[0])
        base = self.work / "ablation.yml"
        base.write_text(self.job(table, row, rows, validation, table["steps"], 50), encoding="utf-8")
        text = json.dumps({"job": str(base), "variants": VARIANTS}, indent=1)
        matrix = self.work / "matrix.yml"
        matrix.write_text(text.replace("BASE", str(self.given.data / table["model"])), encoding="utf-8")
        subprocess.run([self.given.accrete, "ablate", matrix, self.work / "ablation"], check=True)

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
                for rate, (choosing, reported) in found.items():
                    print(f"| {start} | {seed} | {rate} | {choosing:.4f} | {reported:.4f}"
                          f" | {'chosen' if rate == chosen else ''} |", flush=True)

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
    options.add_argument("--accrete", default=str(ROOT / "accrete"))
    bench = Bench(options.parse_args())
    kinds = bench.given.rows.split(",")
    if "table" in kinds:
        bench.table()
    if "mix" in kinds:
        bench.mix()
    if "pruned" in kinds:
        bench.pruned()
    if "kills" in kinds:
        bench.kills()
    if "ablation" in kinds:
        bench.ablation()
    if "equal" in kinds:
        bench.equal()
    if "rates" in kinds:
        bench.rates()


if __name__ == "__main__":
    sys.exit(main())
