"""How each model is trained: one row a model.

The rows were set beforehand and their epochs cut to what two CPU cores do in a quarter of an hour; nothing was
searched for. ``test`` was scored once, after the bundle was written; for ``xray``, whose row was set a second time,
twice: its card says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from shared.manifest import ImageInput
from training.augment import Augmentation
from training.efficientnet import VARIANTS

_LITE_MEAN, _LITE_STD = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)  # of the published EfficientNet-Lite weights


@dataclass(frozen=True)
class Recipe:
    """``cut`` is the first block that is fine-tuned; blocks before it stay frozen and are run once for each copy.

    ``copies`` counts the versions of each training picture (the first is the picture itself). ``sensitivity`` > 0
    moves the decision of a two-class model to the fewest false alarms that still find that share of class 1 on
    ``val``. ``folds`` > 0 trains on ``train`` and ``val`` together and calibrates by cross-validation.
    """

    model: str
    variant: str = "lite0"
    cut: int = 5
    copies: int = 6
    epochs: int = 12
    batch: int = 32
    learning_rate: float = 3e-4
    weight_decay: float = 1e-2
    label_smoothing: float = 0.05
    mixup: float = 0.0
    dropout: float = 0.2
    ema: float = 0.98
    seed: int = 1
    sensitivity: float = 0.0
    folds: int = 0
    standardize: bool = False
    pretrained: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)

    @property
    def input(self) -> ImageInput:
        size = VARIANTS[self.variant].size
        return ImageInput(height=size, width=size, mean=_LITE_MEAN, std=_LITE_STD, standardize=self.standardize)


RECIPES = {
    recipe.model: recipe
    for recipe in (
        Recipe("tumor", copies=5, epochs=10, augmentation=Augmentation(rotation=15, contrast=0.35, gamma=0.35)),
        Recipe(
            "xray",
            epochs=8,
            augmentation=Augmentation(rotation=7, brightness=0.3, contrast=0.5, gamma=0.5, p_equalize=0.3),
        ),
        Recipe(
            "lung_colon",
            copies=4,
            epochs=5,
            augmentation=Augmentation(
                area=(0.5, 1.0),
                quarter_turns=True,
                colour=0.1,
                saturation=0.3,
                brightness=0.15,
                contrast=0.2,
                gamma=0.15,
            ),
        ),
        Recipe(
            "monkeypox",
            copies=12,
            epochs=14,
            batch=16,
            folds=5,
            augmentation=Augmentation(area=(0.5, 1.0), rotation=20, colour=0.12, saturation=0.3),
        ),
    )
}


def tiny(recipe: Recipe) -> Recipe:
    """A smoke run: a small network from random weights, one epoch; proves the path, not the medicine."""
    return replace(recipe, variant="tiny", cut=2, copies=1, epochs=1, batch=8, pretrained=False)
