"""BentoML's own view of a model: `model.yaml`, and what its store finds under a tag.

`bentoml.models.create` would copy the folder into the store file by file, so its metadata class is used
directly. Importing BentoML takes a second, which is why `store` imports this module late.
"""

from pathlib import Path

from bentoml import Tag
from bentoml._internal.models.model import ModelContext, ModelInfo, ModelStore
from bentoml.exceptions import BentoMLException

from training.errors import StoreError


def write_model_yaml(folder: Path, name: str, version: int) -> None:
    """Write the `model.yaml` without which BentoML's listing breaks."""
    info = ModelInfo(
        tag=Tag(name, str(version)),
        module="",
        labels={},
        options={},
        metadata={},
        context=ModelContext(framework_name="keras", framework_versions={}),
        signatures={},
        api_version="v1",
    )
    with (folder / "model.yaml").open("w", encoding="utf-8") as file:
        info.dump(file)


def read_back(models: Path, name: str, version: int) -> None:
    """Ask BentoML for the tag and compare what it returns in full.

    BentoML resolves tags by unique prefix: with only `mnist:10` stored, `mnist:1` finds that.

    Raises:
        StoreError: If it finds nothing or another model.
    """
    wanted = f"{name}:{version}"
    try:
        found = ModelStore(models).get(wanted)
    except BentoMLException as error:
        raise StoreError(f"Expected {wanted} in the store after writing it. Received: {error}") from error
    if str(found.tag) != wanted or Path(found.path) != models / name / str(version):
        raise StoreError(f"Expected {wanted} from the store after writing it. Received {found.tag}.")
