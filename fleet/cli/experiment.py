"""`fleet experiment`: compares ideas offline, seed by seed, in virtual time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from fleet.cli.configured import configured
from fleet.cli.output import print_json, terminal
from fleet.config import Config
from fleet.durations import show_duration
from fleet.experiments.comparison import Comparison, compare
from fleet.experiments.outcome import Outcome
from fleet.experiments.outcomes import Outcomes
from fleet.experiments.results import write_csv
from fleet.experiments.verdict import verdict
from fleet.protocol.errors import SetupError, UsageError

if TYPE_CHECKING:
    from fleet.experiments.experiment import Experiment

app = typer.Typer(add_completion=False, no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="As `fleet experiment list` tells.")]
Metric = Annotated[
    str | None, typer.Option(help="The figure to compare by; else the one that decides.")
]
Baseline = Annotated[str | None, typer.Option(help="An arm; else the first one of the file.")]


@app.command()
@configured("data_dir", "database")
def run(
    config: Config,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .py or .toml file.")],
    *,
    seeds: Annotated[int | None, typer.Option(help="Play seeds 1 to this.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; else one per core.")] = None,
    length: Annotated[
        str | None, typer.Option("--game", metavar="TIME", help="Game time of a run.")
    ] = None,
    engine: Annotated[str, typer.Option(help="`processes`, or `dask://HOST:PORT`.")] = "processes",
    name: Annotated[str | None, typer.Option(help="Keep the runs under this name.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the runs that are kept.")] = False,
    as_json: AsJson = False,
) -> int:
    """Play all arms and seeds that are not played yet, and say which arm is better."""
    # What plays takes long to import, and the other commands don't need it.
    from fleet.experiment_run import Wishes, run_experiment

    wishes = Wishes(
        name=name,
        seeds=seeds,
        length=length,
        engine=engine,
        workers=workers,
        fresh=fresh,
        quiet=as_json,
    )
    played = run_experiment(config, file, wishes)
    _show(played.experiment, played.outcomes, as_json)
    return 1 if played.failed else 0


@app.command()
@configured("data_dir", "database", "agent")
def show(config: Config, name: Name, as_json: AsJson = False) -> None:
    """Tell what every arm came to, over all its seeds; or how an A/B on a living fleet stands."""
    offline = _outcomes(config, name).file.exists()
    if offline and as_json:
        print_json(_kept(config, name).read())
        return
    if _show_living(config, name, as_json, offline=offline) and not offline:
        return
    kept = _kept(config, name)
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    rows = kept.read()
    figures = sorted({metric for one in rows for metric in one.metrics})
    arms = kept.header().arms
    table.add_column("Mean over seeds")
    for arm in arms:
        table.add_column(arm, justify="right")
    for figure in figures:
        table.add_row(figure, *(_mean(rows, arm, figure) for arm in arms))
    terminal().print(table)


def _show_living(config: Config, name: str, as_json: bool, *, offline: bool) -> bool:
    """Show an A/B of `fleet inject`; say whether there is one of that name."""
    from fleet.cli import _comparing as comparing

    try:
        found = comparing.report_of(config, name)
    except SetupError:
        if offline:
            # Runs that were played offline are in a file.
            return False
        raise
    if found is not None and as_json:
        print_json(found.as_json())
    elif found is not None:
        comparing.show(found)
    return found is not None


def _mean(rows: list[Outcome], arm: str, figure: str) -> str:
    values = [one.metrics[figure] for one in rows if one.arm == arm and figure in one.metrics]
    return f"{sum(values) / len(values):,.2f}" if values else "-"


@app.command(name="compare")
@configured("data_dir")
def compare_arms(
    config: Config,
    name: Name,
    metric: Metric = None,
    baseline: Baseline = None,
    as_json: AsJson = False,
) -> None:
    """Say which arm is better by one figure, by how much and how sure."""
    _say(_compared(config, name, metric, baseline)[0], as_json)


@app.command()
@configured("data_dir")
def plot(
    config: Config,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE.png", help="Where the picture goes.")],
    metric: Metric = None,
    baseline: Baseline = None,
) -> None:
    """Draw what each seed says about each arm, with mean and interval."""
    found, rows = _compared(config, name, metric, baseline)
    from fleet.experiments.plot import plot as draw

    draw(found, rows, file, name)


def _compared(
    config: Config, name: str, metric: str | None, baseline: str | None
) -> tuple[list[Comparison], list[Outcome]]:
    """Compare every arm with the first one, or with another baseline."""
    kept = _kept(config, name)
    header, rows = kept.header(), kept.read()
    metric, arms = metric or header.metric, header.arms
    if not rows:
        raise SetupError(f"No run of {name} is finished yet; `fleet experiment run` goes on.")
    if not any(metric in one.metrics for one in rows):
        known = sorted({figure for one in rows for figure in one.metrics})
        raise UsageError(f"{name} has no figure {metric!r}; it has {', '.join(known)}")
    first = baseline or arms[0]
    if first not in arms:
        raise UsageError(f"{name} has no arm {first!r}; it has {', '.join(arms)}")
    return [compare(metric, arm, first, rows) for arm in arms if arm != first], rows


@app.command(name="list")
@configured("data_dir", "database", "agent")
def list_all(config: Config, as_json: AsJson = False) -> None:
    """List the experiments whose runs are kept in this data folder, and A/Bs on a living fleet."""
    folder = config.data_dir / "experiments"
    found: list[dict[str, object]] = []
    for file in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        kept = Outcomes(file)
        header, rows = kept.header(), kept.read()
        found.append(
            {
                "name": file.stem,
                "arms": list(header.arms),
                "runs": len(rows),
                "seconds": header.seconds,
            }
        )
    found += _living(config)
    if as_json:
        print_json(found)
        return
    for row in found:
        length = show_duration(float(str(row["seconds"])))
        what = f"runs of {length}"
        if "design" in row:
            what = f"turns of {length} each, on a living fleet"
        arms = ", ".join(map(str, cast(Sequence[Any], row["arms"])))
        typer.echo(f"{row['name']}: {row['runs']} {what}; arms {arms}")
    if not found:
        typer.echo("No experiment has been run with this data folder.")


def _living(config: Config) -> list[dict[str, object]]:
    """List the A/Bs of `fleet inject`."""
    from fleet.cli import _comparing as comparing

    try:
        return comparing.listed(config)
    except SetupError as failure:
        # What was played offline is in files, and can be listed all the same.
        typer.echo(f"A/Bs on a living fleet can't be listed: {failure}", err=True)
        return []


@app.command()
@configured("data_dir")
def csv(config: Config, name: Name) -> None:
    """Write every run as CSV."""
    write_csv(_kept(config, name).read(), sys.stdout)


def _outcomes(config: Config, name: str) -> Outcomes:
    return Outcomes(config.data_dir / "experiments" / f"{name}.jsonl")


def _kept(config: Config, name: str) -> Outcomes:
    kept = _outcomes(config, name)
    if not kept.file.exists():
        raise SetupError(
            f"No runs of {name} are kept here; `fleet experiment list` names what there is, and "
            "`fleet experiment show` tells of an A/B."
        )
    return kept


def _show(experiment: Experiment, outcomes: Outcomes, as_json: bool) -> None:
    rows, first = outcomes.read(), experiment.arms[0].name
    metrics = list(dict.fromkeys((experiment.metric, *experiment.metrics)))
    others = [arm.name for arm in experiment.arms[1:]]
    found = [compare(metric, arm, first, rows) for arm in others for metric in metrics]
    if as_json:
        _say(found, as_json)
        return
    _say([one for one in found if one.metric == experiment.metric], as_json)


def _say(found: list[Comparison], as_json: bool) -> None:
    if as_json:
        print_json([{**_fields(one), "verdict": verdict(one)} for one in found])
        return
    for one in found:
        typer.echo(verdict(one))


def _fields(found: Comparison) -> dict[str, object]:
    names = ("metric", "arm", "baseline", "pairs", "better", "mean", "baseline_mean")
    more = ("difference", "low", "high", "seeds_needed", "decided")
    return {name: getattr(found, name) for name in (*names, *more)}
