"""Everything that training refuses, as one tree.

    TrainingError            a sentence for the person at the terminal
    ├── DataError            a data file is missing or is not the file that SHA256SUMS names
    ├── UnknownPresetError   no such preset for this model
    ├── BelowGateError       the trained model is not good enough to be stored
    ├── ExportError          an exported file does not give the answers of the model in memory
    └── StoreError           the model store could not take the artifact, or gives back another one

The command line prints the sentence of any of them and exits with 1.
"""


class TrainingError(Exception):
    """Base of all errors whose message is meant for the person who started the training."""


class DataError(TrainingError):
    """A data file is missing or damaged."""


class UnknownPresetError(TrainingError):
    """A preset was asked for that the model does not have."""


class BelowGateError(TrainingError):
    """The trained model does not reach the quality that its configuration demands."""


class ExportError(TrainingError):
    """An exported file disagrees with the model in memory."""


class StoreError(TrainingError):
    """The model store could not take an artifact, or gives back another one."""
