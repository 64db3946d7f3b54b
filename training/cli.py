"""``python -m training train|evaluate --model NAME --data DIR``; ``finish|speed|groups|plots|suggestions`` for all."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.recipes import RECIPES, Recipe, tiny

_PALM = ("palm", "palm_disease")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; argparse ends the process for a wrong one."""
    arguments = _parser().parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    path = _COMMANDS[arguments.command](arguments)
    if path:
        print(f"wrote {path}")
    return 0


def _finish(arguments: argparse.Namespace) -> Path:
    from training.dataset import FOLDERS
    from training.gate.finish import finish
    from training.gate.network import gate_network
    from training.gate.report import measure_all

    network = gate_network()
    places, services = (arguments.data, arguments.everyday, arguments.models), arguments.model or tuple(FOLDERS)
    if not arguments.measure_only:
        finish(*places, network, services)
    measure_all(*places, network, services)
    return Path(arguments.models)


def _speed(arguments: argparse.Namespace) -> Path:
    from training.speed import measure_speed

    measure_speed(_folders(arguments), arguments.models, arguments.rounds)
    return _cards(arguments)


def _groups(arguments: argparse.Namespace) -> Path:
    from training.groups import measure_groups

    measure_groups(_folders(arguments), arguments.models)
    return _cards(arguments)


def _plots(arguments: argparse.Namespace) -> Path:
    from training.plots import draw_all

    return draw_all(arguments.models, arguments.docs)


def _suggestions(arguments: argparse.Namespace) -> None:
    from training.suggestions import measure

    measure(arguments.data, arguments.models, arguments.most)


def _folders(arguments: argparse.Namespace) -> dict[str, Path]:
    from training.dataset import FOLDERS

    return {service: arguments.data / FOLDERS[service] for service in arguments.model or FOLDERS}


def _cards(arguments: argparse.Namespace) -> Path:
    """Every card anew, where the manifest is all that it is written from."""
    from training.card import write

    for model in set(arguments.model or RECIPES) & set(RECIPES):
        write(model, arguments.models, arguments.docs)
    return Path(arguments.docs)


def _train(arguments: argparse.Namespace) -> Path:
    if arguments.model in _PALM:
        from training import palm

        return Path(palm.train(arguments.data, arguments.out))
    from training.determinism import prepare
    from training.runs import train

    recipe = _recipe(arguments)
    prepare(recipe.seed)
    return train(recipe, arguments.data, arguments.out)


def _evaluate(arguments: argparse.Namespace) -> Path:
    if arguments.model in _PALM:
        from training import palm

        return Path(palm.evaluate(arguments.data, arguments.models, arguments.docs))
    from training.evaluation import evaluate

    return evaluate(arguments.model, arguments.data, arguments.models, arguments.docs)


def _recipe(arguments: argparse.Namespace) -> Recipe:
    recipe = RECIPES[arguments.model]
    if arguments.tiny:
        recipe = tiny(recipe)
    given = {name: getattr(arguments, name) for name in ("epochs", "copies", "seed")}
    return replace(recipe, **{name: value for name, value in given.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a model and write its bundle")
    train.add_argument("--out", type=Path, default=Path("models"), help="folder of the bundles")
    train.add_argument("--epochs", type=int, help="instead of the recipe's")
    train.add_argument("--copies", type=int, help="versions of each training picture, instead of the recipe's")
    train.add_argument("--seed", type=int, help="instead of the recipe's")
    train.add_argument("--tiny", action="store_true", help="a small random network, one epoch: a smoke test")
    evaluate = commands.add_parser("evaluate", help="score a bundle as it is served and write its model card")
    evaluate.add_argument("--models", type=Path, default=Path("models"), help="folder of the bundles")
    evaluate.add_argument("--docs", type=Path, default=Path("docs/models"), help="folder of the model cards")
    finish = commands.add_parser("finish", help="fit gates, quality limits, calibration and references of all bundles")
    finish.add_argument("--data", type=Path, required=True, help="folder with a folder of pictures for each service")
    finish.add_argument("--everyday", type=Path, required=True, help="everyday pictures, train and test")
    finish.add_argument("--model", action="append", help="only this one; may be repeated")
    finish.add_argument("--measure-only", action="store_true", help="fit nothing, measure what is there on test")
    finish.add_argument("--models", type=Path, default=Path("models"), help="folder of the bundles")
    speed = commands.add_parser("speed", help="time and memory of one prediction, into manifests and cards")
    speed.add_argument("--rounds", type=int, default=200, help="predictions of each kind")
    groups = commands.add_parser("groups", help="scores of groups of test pictures, into manifests and cards")
    suggestions = commands.add_parser("suggestions", help="how often the right model is suggested for a test picture")
    suggestions.add_argument("--most", type=int, default=60, help="pictures of each kind")
    suggestions.add_argument(
        "--data", type=Path, required=True, help="folder with a folder of pictures for each service"
    )
    suggestions.add_argument("--models", type=Path, default=Path("models"), help="folder of the bundles")
    for command in (speed, groups):
        command.add_argument(
            "--data", type=Path, required=True, help="folder with a folder of pictures for each service"
        )
        command.add_argument("--model", action="append", help="only this service; may be repeated")
    plots = commands.add_parser("plots", help="draw calibration and confusion of every card from the manifests")
    for command in (speed, groups, plots):
        command.add_argument("--models", type=Path, default=Path("models"), help="folder of the bundles")
        command.add_argument("--docs", type=Path, default=Path("docs/models"), help="folder of the model cards")
    for command in (train, evaluate):
        command.add_argument("--model", required=True, choices=(*RECIPES, *_PALM))
        command.add_argument("--data", type=Path, required=True, help="folder with train, val and test")
    return parser


_COMMANDS = {
    "train": _train,
    "evaluate": _evaluate,
    "finish": _finish,
    "speed": _speed,
    "groups": _groups,
    "plots": _plots,
    "suggestions": _suggestions,
}
