"""The figures of a benchmark as Markdown tables."""

from keras_acai import presets

from .. import markdown as md
from . import convolutions

TITLES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
OTHERS = ("convolutions", "yardstick")
HAND_WRITTEN = {
    "yardstick": "by hand (PyTorch), one process",
    "authors": "the authors' shape of loop (TensorFlow), one process",
}


def markdown(results):
    """Returns all tables, with the machine above them."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        f"`{results['command'].strip()}`, medians of {results['rounds']} turns: "
        f"{machine['processor']}, {machine['cores']} cores, device {machine['device']}; "
        f"Python {machine['python']}, {versions}. A matrix product alone reaches "
        f"{machine['matrix_gflops'] or 0:,.0f} GFLOP/s.",
        "",
        *_steps(results),
        "",
        *_against(results),
    ]
    if "rates" in results:
        lines += ["", *rates(results)]
    if "inference" in results:
        lines += ["", *_inference(results), "", *_once(results)]
    return "\n".join(lines)


def gflop(name, batch_size):
    """Returns 10⁹ operations: those of a step's convolutions as in the paper."""
    return convolutions.flops(presets.get(name), batch_size) / 1e9


def _backends(results):
    names = dict.fromkeys(name for step in results["steps"].values() for name in step)
    return [name for name in TITLES if name in names]


def _steps(results):
    """Seconds a step through `fit`."""
    backends = _backends(results)
    heads = ["convolutions alone", "by hand (PyTorch)", *(TITLES[name] for name in backends)]
    lines = [f"**A train step through `fit`, batch {results['batch_size']}, milliseconds**", ""]
    lines += md.table(["", *heads, "images/s, best", "nominal GFLOP/s", "of matrix peak"], [])
    for cell, step in results["steps"].items():
        taken = [_seconds(step, name, "step") for name in OTHERS]
        taken += [_seconds(step, name, "fit") for name in backends]
        best = min(taken[2:])
        rates = [f"{results['batch_size'] / best:,.0f}", f"{step['gflop'] / best:,.0f}"]
        peak = results["machine"]["matrix_gflops"]
        rates.append(f"{100 * step['gflop'] / best / peak:.0f} %" if peak else "")
        lines.append(md.row([cell, *(_milliseconds(value) for value in taken), *rates]))
    return lines


def _against(results):
    """How often faster than by hand, how near to the convolutions, `fit`'s share, memory."""
    overhead = results.get("overhead", {})
    added = [f"{1000 * seconds:.1f} ms ({TITLES[name]})" for name, seconds in overhead.items()]
    lines = ["**`fit` against the step by hand and the convolutions alone; peak memory**", ""]
    if added:
        lines += [f"To a step with next to nothing to compute, `fit` adds {', '.join(added)}.", ""]
    titles = (
        "images/s × by hand",
        "time / convolutions alone",
        "share that `fit` adds",
        "peak host GB",
    )
    lines += md.table(["", "", *titles], [])
    for cell, step in results["steps"].items():
        alone, by_hand = (_seconds(step, name, "step") for name in OTHERS)
        for name in _backends(results):
            fit = _seconds(step, name, "fit")
            texts = [
                "" if by_hand is None else f"{by_hand / fit:.2f}",
                "" if alone is None else f"{fit / alone:.2f}",
                f"{100 * overhead[name] / fit:.1f} %" if name in overhead else "",
                f"{step[name]['peak_bytes'] / 1e9:.2f}",
            ]
            lines.append(md.row([cell, TITLES[name], *texts]))
    return lines


def rates(results):
    """Images a second of one process, of one process for each core, and of the steps by hand."""
    lines = ["**Images a second in training**", ""]
    lines += [
        "Through `fit`: one process on all cores / one process for each core, all together. The "
        "steps by hand have no `fit` around them.",
        "",
    ]
    backends = list(results["rates"][0]["together"])
    heads = [TITLES[name] for name in backends]
    heads += [HAND_WRITTEN[name] for name in results["rates"][0]["references"]]
    lines += md.table(["", "batch", "precision", *heads], [])
    for row in results["rates"]:
        ours = [f"{row['together'][name]:,.0f} / {row['apart'][name]:,.0f}" for name in backends]
        theirs = [f"{rate:,.0f}" for rate in row["references"].values()]
        precision = row["dtype"].removeprefix("mixed_")
        lines.append(md.row([row["cell"], str(row["batch_size"]), precision, *ours, *theirs]))
    return lines


def _inference(results):
    lines = ["**Images a second**", ""]
    measures = ("encode 10", "bare 10", "encode 100000", "bare 100000", "interpolate 10")
    titles = (
        "`encode`, 10",
        "encoder alone, 10",
        "`encode`, 100,000",
        "encoder alone, 100,000",
        "`interpolate`, 10 × 16",
        "peak host memory, GB",
    )
    lines += md.table(["", *titles], [])
    for backend, figures in results["inference"].items():
        seconds = figures["median_seconds"]
        counts = [int(name.split()[1]) * (16 if "inter" in name else 1) for name in measures]
        rates = [f"{count / seconds[name]:,.0f}" for count, name in zip(counts, measures)]
        lines.append(md.row([TITLES[backend], *rates, f"{figures['peak_bytes'] / 1e9:.2f}"]))
    return lines


def _once(results):
    lines = ["**Once a process, seconds**", ""]
    lines += md.table(["", "`import keras_acai` after Keras", "Keras and it", "load a model"], [])
    for backend, taken in results["import"].items():
        numbers = (taken["after Keras"], taken["with Keras"], results["load"][backend])
        lines.append(md.row([TITLES[backend], *(f"{number:.2f}" for number in numbers)]))
    score = results["lines.score"]["median_seconds"]["lines.score"]
    return [*lines, "", f"`lines.score` of 256 × 16 pictures: {score:.2f} s."]


def _seconds(step, name, measure):
    return step.get(name, {}).get("median_seconds", {}).get(measure)


def _milliseconds(seconds):
    return "" if seconds is None else f"{1000 * seconds:.1f}"
