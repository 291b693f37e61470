"""The presets: one per architecture. The first of each name is its default.

Each carries its measured result and the command that gives it; `docs/training.md` shows them as a table.
"""

from training.config import TrainingConfig
from training.errors import UnknownPresetError
from training.presets import fashion, flights, mnist, xor

PRESETS: tuple[TrainingConfig, ...] = (
    *(mnist.CNN, mnist.MLP, mnist.FUNCTIONAL),
    *(fashion.MLP, fashion.CNN),
    *(xor.HIDDEN_16, xor.HIDDEN_16_16, xor.HIDDEN_32),
    *(flights.WIDE_DEEP, flights.ONE_OUTPUT, flights.ONE_INPUT, flights.MLP, flights.MLP_5_4_3),
)

NAMES: tuple[str, ...] = tuple(dict.fromkeys(config.name for config in PRESETS))


def presets_of(name: str) -> dict[str, TrainingConfig]:
    """The presets of a model by their own names, the default first."""
    return {config.preset: config for config in PRESETS if config.name == name}


def find_preset(name: str, preset: str | None) -> TrainingConfig:
    """The preset asked for, or the default.

    Raises:
        UnknownPresetError: If the model has no such preset.
    """
    known = presets_of(name)
    if preset is None:
        return next(iter(known.values()))
    if preset not in known:
        raise UnknownPresetError(f"Expected a preset of {name}: {', '.join(known)}. Received {preset!r}.")
    return known[preset]


def stored_name(config: TrainingConfig) -> str:
    """Name in the store: the model's for its default preset, `NAME-PRESET` for any other; `…-int8` if quantized."""
    is_default = config.preset == find_preset(config.name, None).preset
    name = config.name if is_default else f"{config.name}-{config.preset}"
    return name if config.precision == "fp32" else f"{name}-{config.precision}"
