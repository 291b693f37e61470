"""Which models the bentos of the store need: `$BENTOML_HOME/bentos/NAME/VERSION/bento.yaml`."""

from collections import defaultdict
from pathlib import Path

from training.errors import StoreError
from training.storage.store import Store


def bentos_by_model(store: Store) -> dict[str, list[str]]:
    """The tags of the bentos that name a model, by the model's tag.

    Raises:
        StoreError: If a bento cannot be read, so that nobody knows what it needs.
    """
    naming = defaultdict(list)
    for folder in sorted(path for path in (store.home / "bentos").glob("*/*") if path.is_dir()):
        for model in _models(folder):
            naming[model].append(f"{folder.parent.name}:{folder.name}")
    return dict(naming)


def _models(bento: Path) -> list[str]:
    # Imported late: BentoML takes a second, and most stores hold no bento
    from bentoml._internal.bento.bento import BaseBentoInfo

    path = bento / "bento.yaml"
    try:
        with path.open(encoding="utf-8") as file:
            return [str(model.tag) for model in BaseBentoInfo.from_yaml_file(file).all_models]
    except Exception as error:  # BentoML raises a dozen kinds on what is no bento.yaml
        raise StoreError(f"Expected a bento that BentoML can read at {path}. Received something else.") from error
