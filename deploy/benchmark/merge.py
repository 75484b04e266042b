#!/usr/bin/env python3
"""Measures `accrete merge` beside a plain copy and beside mergekit, in one run, and prints a Markdown report.

merge.py --work DIR [--pairs 3] [--only ROW,ROW] [--mergekit VENV] [--gigabytes 3]

The rows on tmpfs compare with mergekit where no disk is in the way, and stand beside what `cp` and `sync`
of the output take against mergekit on the disk: the bound of any writer that ends only when all is durable.

Needs: Linux, python3, the built distribution (./accrete), and a maker of random models (--maker, or
ACCRETE_TOOLS/make_model.py). The rows on XFS and tmpfs need root, xfsprogs, and 14 GB of memory for the latter. The rows against mergekit need a
virtual environment with mergekit 0.1.5; where --mergekit names a folder that does not exist, it is made
with pip. Every row runs A B, B A, A B ... after one warm-up of each; ratios are taken pair by pair.
Before every run the output of the one before is deleted, the sources are read, and some seconds pass:
a virtual machine gives freed pages back to its host within two seconds and pays for them again when
they are next used, so that without the wait whoever starts faster pays less.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ACCRETE = os.path.join(HERE, "..", "..", "accrete")
SETTLE_SECONDS = 6
SOLAR = [(0, 24), (8, 32), (24, 32)]  # 32 layers become 56


class Row:
    """One line of the report: paired measurements of two commands."""

    def __init__(self, name, goal):
        self.name, self.goal, self.pairs, self.notes = name, goal, [], []

    def ratio(self, field):
        return statistics.median(a[field] / b[field] for a, b in self.pairs)


def run(command, cwd=None, env=None, log=None):
    """Runs a command to its end; wall seconds, CPU seconds of it and its children."""
    out = open(log, "ab") if log else subprocess.DEVNULL
    start = time.monotonic()
    pid = subprocess.Popen(command, cwd=cwd, env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(pid.pid, 0)
    pid.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if log:
        out.close()
    if pid.returncode != 0:
        tail = open(log, errors="replace").read()[-2000:] if log else ""
        raise SystemExit(f"{command} ended with {pid.returncode}\n{tail}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime}


def tree(pid):
    found, queue = [], [pid]
    while queue:
        p = queue.pop()
        found.append(p)
        try:
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children") as f:
                    queue += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return found


def anonymous_peak(command, cwd=None, log=None):
    """Highest sum of anonymous memory over the process tree, in bytes, sampled every 20 ms."""
    out = open(log, "ab") if log else subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        total = 0
        for p in tree(process.pid):
            try:
                with open(f"/proc/{p}/smaps_rollup") as f:
                    for line in f:
                        if line.startswith("Anonymous:"):
                            total += int(line.split()[1]) * 1024
            except OSError:
                pass
        peak = max(peak, total)
        time.sleep(0.02)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return peak


def folder_bytes(folder):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(folder) for f in fs)


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)


def copy_command(source, target, reflink=None):
    how = f"--reflink={reflink}" if reflink else ""
    return ["sh", "-c", f'cp -r {how} "$1" "$2" && sync -f "$2"', "sh", source, target]


def settle(*folders):
    """Puts the machine into one state before a run: nothing to write, sources in memory, pages freed long ago."""
    os.sync()
    time.sleep(SETTLE_SECONDS)
    for folder in folders:
        subprocess.run(["sh", "-c", 'cat "$1"/*.safetensors > /dev/null', "sh", folder], check=True)


class Bench:
    def __init__(self, options):
        self.options, self.work = options, os.path.abspath(options.work)
        os.makedirs(self.work, exist_ok=True)
        self.log = os.path.join(self.work, "commands.log")
        self.rows, self.memory = [], []

    # ---------------------------------------------------------------- material

    def model(self, name, seed, layers, folder=None, hidden=2048):
        path = os.path.join(folder or self.work, name)
        if not os.path.isdir(path):
            heads, ffn, vocab = (16, 5632, 32000) if hidden > 64 else (4, 64, 512)
            run([sys.executable, self.options.maker, "random", path, "--hidden", str(hidden), "--layers", str(layers),
                 "--heads", str(heads), "--kv-heads", "4", "--ffn", str(ffn), "--vocab", str(vocab), "--dtype", "F16",
                 "--shard-bytes", "500000000", "--seed", str(seed)], log=self.log)
        return path

    def recipe(self, name, text):
        path = os.path.join(self.work, name + ".yml")
        with open(path, "w") as f:
            f.write(text)
        return path

    def passthrough(self, model):
        slices = "".join(f"  - sources: [{{model: {model}, layer_range: [{a}, {b}]}}]\n" for a, b in SOLAR)
        return f"merge_method: passthrough\nslices:\n{slices}"

    def linear(self, a, b):
        return (f"merge_method: linear\nmodels:\n  - {{model: {a}, parameters: {{weight: 0.6}}}}\n"
                f"  - {{model: {b}, parameters: {{weight: 0.4}}}}\n")

    def slerp(self, a, b):
        return (f"merge_method: slerp\nbase_model: {a}\nparameters: {{t: 0.35}}\n"
                f"models: [{{model: {a}}}, {{model: {b}}}]\n")

    def accrete(self, recipe, out, *flags):
        return [ACCRETE, "merge", recipe, out, "--quiet", *flags]

    # ---------------------------------------------------------------- rows

    def against_copy(self, name, goal, recipe, sources, folder=None, flags=(), reflink=None):
        folder = folder or self.work
        row, out, copy = Row(name, goal), os.path.join(folder, "out"), os.path.join(folder, "copy")
        kept = os.path.join(folder, "kept")
        fresh(out), fresh(kept)
        settle(*sources)
        run(self.accrete(recipe, out, *flags), log=self.log)
        os.rename(out, kept)

        def merge():
            settle(*sources)
            measured = run(self.accrete(recipe, out, *flags), log=self.log)
            fresh(out)
            return measured

        def copied():
            settle(kept)
            measured = run(copy_command(kept, copy, reflink), log=self.log)
            fresh(copy)
            return measured

        row.pairs = self.paired(merge, copied, warm_up=True)
        row.notes.append(f"{folder_bytes(kept):,} bytes")
        fresh(kept)
        self.rows.append(row)
        return row

    def paired(self, a, b, warm_up=False):
        pairs = []
        for i in range(self.options.pairs + warm_up):
            if i % 2 == 0:
                first = a()
                pairs.append((first, b()))
            else:
                second = b()
                pairs.append((a(), second))
        return pairs[warm_up:]

    def against_mergekit(self, name, goal, recipe, sources, folder=None, copy_of=None):
        """@param copy_of a model: then A is a durable copy of it, the bound of any durable writer."""
        row, out = Row(name, goal), os.path.join(folder or self.work, "out")
        theirs = [os.path.join(self.mergekit(), "bin", "mergekit-yaml"), recipe, out, "--quiet"]
        environment = dict(os.environ, HF_HUB_OFFLINE="1")

        def measured(command, environment=None):
            settle(*sources)
            result = run(command, env=environment, log=self.log)
            fresh(out)
            return result

        fresh(out)
        ours = copy_command(copy_of, out) if copy_of else self.accrete(recipe, out)
        row.pairs = self.paired(lambda: measured(ours),
                                lambda: measured(theirs + ["--no-write-model-card"], environment))
        self.rows.append(row)

    def mergekit(self):
        venv = os.path.abspath(self.options.mergekit)
        if not os.path.isdir(venv):
            run([sys.executable, "-m", "venv", venv], log=self.log)
            run([os.path.join(venv, "bin", "pip"), "install", "-q", "mergekit==0.1.5", "torch==2.7.1"], log=self.log)
        return venv

    def startup(self):
        """`accrete merge` of a 1 MB model, whole process."""
        small = self.model("small", 3, 32, hidden=32)
        out = os.path.join(self.work, "out-small")
        recipe = self.recipe("small", self.passthrough(small))
        times = []
        for i in range(self.options.pairs + 2):
            fresh(out)
            times.append(run(self.accrete(recipe, out), log=self.log))
        fresh(out)
        return times[2:]

    def beyond_start_up(self, mount, recipe, row):
        """What the merge takes beyond one of 1 MB at the same place: a difference so small that it needs more runs."""
        small = self.model("small", 3, 32, folder=mount, hidden=32)
        trifle, out = self.recipe("small-xfs", self.passthrough(small)), os.path.join(mount, "out")
        walls = {recipe: [], trifle: []}
        for i in range(2 * self.options.pairs + 3):
            for one, times in walls.items():
                fresh(out)
                settle()
                times.append(run(self.accrete(one, out, "--layout", "shared"), log=self.log)["wall"])
        fresh(out)
        body = statistics.median(walls[recipe]) - statistics.median(walls[trifle])
        copy = statistics.median(b["wall"] for _, b in row.pairs)
        return "start-up subtracted: %.2f s, %.0f x faster (%s s against %s s)" % (
            body, copy / body, *(" ".join(f"{t:.2f}" for t in times) for times in walls.values()))

    def xfs(self):
        image, mount = os.path.join(self.work, "xfs.img"), os.path.join(self.work, "xfs")
        os.makedirs(mount, exist_ok=True)
        with open(image, "wb") as f:
            f.truncate(24 << 30)
        run(["mkfs.xfs", "-q", "-f", "-m", "reflink=1", image], log=self.log)
        run(["mount", "-o", "loop", image, mount], log=self.log)
        try:
            model = self.model("a", 1, 32, folder=mount)
            recipe = self.recipe("xfs", self.passthrough(model))
            for reflink in ("never", "always"):
                row = self.against_copy(f"passthrough, --layout shared, XFS, against cp --reflink={reflink}",
                                        "at least 20 x faster, start-up subtracted" if reflink == "never" else "the limit",
                                        recipe, [model], folder=mount, flags=("--layout", "shared"), reflink=reflink)
            self.rows[-2].notes.append(self.beyond_start_up(mount, recipe, self.rows[-2]))
            out = os.path.join(mount, "out")
            fresh(out)
            os.sync()
            before = os.statvfs(mount)
            run(self.accrete(recipe, out, "--layout", "shared"), log=self.log)
            os.sync()
            after = os.statvfs(mount)
            extra = (before.f_bfree - after.f_bfree) * before.f_frsize
            self.rows[-2].notes.append(f"extra disk {100 * extra / folder_bytes(out):.2f} % of the output")
        finally:
            subprocess.run(["umount", mount], check=False)
            os.remove(image)

    def in_memory(self):
        """Against mergekit on a file system in memory: two models and an output of 3 GB each, and no disk."""
        mount = os.path.join(self.work, "tmpfs")
        os.makedirs(mount, exist_ok=True)
        run(["mount", "-t", "tmpfs", "-o", "size=14g", "accrete-benchmark", mount], log=self.log)
        try:
            a, b = (shutil.copytree(self.model(name, seed, 32), os.path.join(mount, name))
                    for name, seed in (("a", 1), ("b", 2)))
            for name, goal, text, sources in (
                    ("passthrough", "wall <= 1/5", self.passthrough(a), [a]),
                    ("linear", "wall <= 1/5", self.linear(a, b), [a, b]),
                    ("slerp", "wall <= 1/10", self.slerp(a, b), [a, b])):
                recipe = self.recipe(name + "-tmpfs", text)
                self.against_mergekit(name + " on tmpfs against mergekit 0.1.5", goal, recipe, sources, folder=mount)
        finally:
            subprocess.run(["umount", mount], check=False)

    def bounds(self, recipes):
        """What is left to win on this disk: a durable copy of the output in the place of Accrete."""
        kept = os.path.join(self.work, "kept")
        for name, recipe, sources in recipes:
            fresh(kept)
            run(self.accrete(recipe, kept), log=self.log)
            self.against_mergekit(f"cp and sync of the output of {name} against mergekit 0.1.5", "the bound", recipe,
                                  sources + [kept], copy_of=kept)
        fresh(kept)

    def memories(self, recipes):
        out = os.path.join(self.work, "out")
        for name, recipe, limit in recipes:
            fresh(out)
            settle()
            plan = subprocess.run([ACCRETE, "plan", recipe, "--json"], capture_output=True, check=True, text=True)
            formula = json.loads(plan.stdout.strip().splitlines()[-1])["memory_bytes_per_worker"]
            peak = anonymous_peak(self.accrete(recipe, out), log=self.log)
            fresh(out)
            self.memory.append((name, peak, limit, formula))

    # ---------------------------------------------------------------- all

    def all(self):
        wanted = set(self.options.only.split(",")) if self.options.only else None
        def want(name):
            return wanted is None or name in wanted
        layers = max(1, round(32 * self.options.gigabytes / 3))
        if layers != 32:
            raise SystemExit("--gigabytes must be 3: the slices are those of 32 layers")
        a, b = self.model("a", 1, layers), self.model("b", 2, layers)
        pass_recipe = self.recipe("passthrough", self.passthrough(a))
        linear_recipe = self.recipe("linear", self.linear(a, b))
        slerp_recipe = self.recipe("slerp", self.slerp(a, b))
        starts = self.startup() if want("startup") else []
        if want("passthrough"):
            self.against_copy("passthrough 32 -> 56 against cp and sync", "wall <= 1.15, CPU <= 1.3", pass_recipe, [a])
        if want("linear"):
            self.against_copy("linear of two against cp and sync of the output", "wall <= 2.0", linear_recipe, [a, b])
        if want("slerp"):
            self.against_copy("slerp of two against cp and sync of the output", "wall <= 3.0", slerp_recipe, [a, b])
        if want("xfs"):
            self.xfs()
        if want("mergekit"):
            self.against_mergekit("passthrough against mergekit 0.1.5", "wall <= 1/5", pass_recipe, [a])
            self.against_mergekit("linear against mergekit 0.1.5", "wall <= 1/5", linear_recipe, [a, b])
            self.against_mergekit("slerp against mergekit 0.1.5", "wall <= 1/10", slerp_recipe, [a, b])
        if want("tmpfs"):
            self.in_memory()
        if want("bound"):
            self.bounds([("passthrough", pass_recipe, [a]), ("linear", linear_recipe, [a, b])])
        if want("memory"):
            self.memories([("passthrough", pass_recipe, 512e6), ("linear", linear_recipe, 900e6), ("slerp", slerp_recipe, 900e6)])
        self.report(starts)

    def report(self, starts):
        model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
        print(f"Machine: {model}, {os.cpu_count()} cores, {platform.release()}; load {os.getloadavg()[0]:.1f} at the end.\n")
        print("| what | goal | A wall s | B wall s | A/B wall | A CPU s | B CPU s | A/B CPU | notes |\n|---|---|---|---|---|---|---|---|---|")
        for row in self.rows:
            def raw(side, field):
                return " ".join(f"{p[side][field]:.2f}" for p in row.pairs)
            print(f"| {row.name} | {row.goal} | {raw(0, 'wall')} | {raw(1, 'wall')} | **{row.ratio('wall'):.2f}** | {raw(0, 'cpu')} | "
                  f"{raw(1, 'cpu')} | **{row.ratio('cpu'):.2f}** | {'; '.join(row.notes)} |")
        if starts:
            print("\n`accrete merge` of a 1 MB model, whole process, warm (goal: 2.0 s): "
                  + " ".join(f"{s['wall']:.2f}" for s in starts) + " s wall, "
                  + " ".join(f"{s['cpu']:.2f}" for s in starts) + " s CPU")
        if self.memory:
            print("\n| anonymous memory, whole process tree | peak | goal | plan's formula | peak / formula |\n|---|---|---|---|---|")
            for name, peak, limit, formula in self.memory:
                print(f"| {name} | {peak / 1e6:.0f} MB | {limit / 1e6:.0f} MB | {formula / 1e6:.0f} MB | {peak / formula:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="a folder on the file system to measure; about 25 GB")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", help="startup,passthrough,linear,slerp,xfs,mergekit,tmpfs,bound,memory")
    parser.add_argument("--mergekit", default=os.path.join(tempfile.gettempdir(), "mergekit-0.1.5"))
    parser.add_argument("--gigabytes", type=float, default=3)
    parser.add_argument("--maker", default=os.path.join(os.environ.get("ACCRETE_TOOLS", ""), "make_model.py"))
    Bench(parser.parse_args()).all()


if __name__ == "__main__":
    main()
