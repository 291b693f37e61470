"""Everything that training refuses, as one tree.

    TrainingError            a sentence for the person at the terminal
    ├── DataError            a data file is missing or is not the file that SHA256SUMS names
    ├── UnknownPresetError   no such preset for this model
    ├── MachineError         there is no such device, a worker is gone, the state of a run cannot be written
    ├── BelowGateError       the trained model is not good enough to be stored
    ├── ExportError          an exported file does not give the answers of the model in memory
    ├── ForeignModelError    a model trained elsewhere, or what was given with it, cannot be served
    ├── ManifestError        a stored artifact does not say how it was made, or not in words of this version
    └── StoreError           the model store could not do what was asked, or gives back another artifact

The command line prints the sentence of any of them and exits with 1.
"""


class TrainingError(Exception):
    """Base of all errors whose message is meant for the person who started the training."""


class DataError(TrainingError):
    """A data file is missing or damaged."""


class UnknownPresetError(TrainingError):
    """A preset was asked for that the model does not have."""


class MachineError(TrainingError):
    """The training cannot run, or go on, where it was asked to."""


class BelowGateError(TrainingError):
    """The trained model does not reach the quality that its configuration demands."""


class ExportError(TrainingError):
    """An exported file disagrees with the model in memory."""


class ForeignModelError(TrainingError):
    """A model trained elsewhere, or what was given with it, cannot be served."""


class ManifestError(TrainingError):
    """A stored artifact does not say how it was made, or not in words that this version of the project has."""


class StoreError(TrainingError):
    """The model store could not do what was asked, or gives back another artifact."""
