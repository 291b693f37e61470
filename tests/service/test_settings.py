"""Settings: the environment, read once and strictly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from service import cpus
from service.errors import SettingsError
from service.settings import PREFIX, Settings, load_settings, variable

KEY = "sixteen letters!"
EXAMPLES: dict[str, tuple[str, object]] = {
    "xla": ("true", True),
    "send_timeout_ms": ("123", 123),
    "engine": ("tensorflow", "tensorflow"),
    "engine_threads": ("3", 3),
    "mixed_precision": ("true", True),
    "model_store": ("/srv/models", Path("/srv/models")),
    "models": ("mnist, xor", "mnist, xor"),
    "config": ("/srv/serve.toml", Path("/srv/serve.toml")),
    "poll_interval_ms": ("0", 0),
    "repository_key": (KEY, SecretStr(KEY)),
    "grpc_port": ("8001", 8001),
    "grpc_host": ("0.0.0.0", "0.0.0.0"),
    "workers": ("2", 2),
    "max_body_bytes": ("2048", 2048),
    "max_request_rows": ("7", 7),
    "max_batch_rows": ("32", 32),
    "max_queue_rows": ("100", 100),
    "max_inflight_requests": ("50", 50),
    "request_timeout_ms": ("250", 250),
    "body_timeout_ms": ("300", 300),
    "stream_idle_timeout_ms": ("400", 400),
    "stream_chunk_rows": ("16", 16),
    "max_line_bytes": ("512", 512),
    "max_headers": ("32", 32),
    "max_headers_bytes": ("4096", 4096),
    "hang_timeout_ms": ("900", 900),
    "drain_delay_ms": ("0", 0),
    "log_level": ("debug", "debug"),
}

REFUSED: list[tuple[str, str]] = [
    ("engine", "torch"),
    ("engine", "ONNXRUNTIME"),
    ("engine_threads", "0"),
    ("engine_threads", "257"),
    ("workers", "0"),
    ("workers", "1.5"),
    ("max_body_bytes", "1023"),
    ("max_request_rows", "0"),
    ("max_batch_rows", "0"),
    ("max_batch_rows", "4097"),
    ("max_queue_rows", "-1"),
    ("max_inflight_requests", "0"),
    ("request_timeout_ms", "0"),
    ("request_timeout_ms", "5s"),
    ("body_timeout_ms", "0"),
    ("poll_interval_ms", "-1"),
    ("grpc_port", "65536"),
    ("grpc_port", "-1"),
    ("stream_idle_timeout_ms", "0"),
    ("stream_chunk_rows", "0"),
    ("stream_chunk_rows", "4097"),
    ("max_line_bytes", "255"),
    ("max_headers", "7"),
    ("max_headers_bytes", "1023"),
    ("hang_timeout_ms", "99"),
    ("drain_delay_ms", "-1"),
    ("log_level", "trace"),
]


@pytest.fixture(autouse=True)
def clean_environment() -> Iterator[pytest.MonkeyPatch]:
    """An environment without settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper().startswith(PREFIX) or name == "MODEL_STORE":
                patch.delenv(name)
        yield patch


def test_an_empty_environment_gives_the_defaults() -> None:
    """Nothing has to be set."""
    assert load_settings() == Settings()
    assert load_settings().model_dump() == {name: field.default for name, field in Settings.model_fields.items()}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_a_variable(clean_environment: pytest.MonkeyPatch, name: str) -> None:
    """The variable of a setting sets that setting and no other."""
    text, value = EXAMPLES[name]
    clean_environment.setenv(variable(name), text)
    assert load_settings().model_dump() == {**Settings().model_dump(), name: value}
    assert value != Settings.model_fields[name].default


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained(name: str) -> None:
    """Each has a sentence for the docs."""
    description = Settings.model_fields[name].description or ""
    assert description.endswith(".")


def test_variables_are_the_names_in_capitals() -> None:
    """Only the store stands without the prefix."""
    names = {name: variable(name) for name in Settings.model_fields}
    assert names.pop("model_store") == "MODEL_STORE"
    assert names == {name: PREFIX + name.upper() for name in names}


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_wrong_value_is_refused_by_name(clean_environment: pytest.MonkeyPatch, name: str, text: str) -> None:
    """The message names the variable and shows what came, so that one line is enough to mend it."""
    clean_environment.setenv(variable(name), text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{variable(name)}: ")
    assert str(caught.value).endswith(f"Received {text!r}.")


def test_a_key_is_never_shown(clean_environment: pytest.MonkeyPatch) -> None:
    """Neither a key that is too short nor one that is in force can be read from what is printed and logged."""
    clean_environment.setenv(variable("repository_key"), KEY[:-1])
    with pytest.raises(SettingsError, match=r"^KERAS_SERVE_REPOSITORY_KEY: .* kept secret\.$") as caught:
        load_settings()
    assert KEY[:-1] not in str(caught.value)
    clean_environment.setenv(variable("repository_key"), KEY)
    settings = load_settings()
    assert KEY not in f"{settings!r} {settings} {settings.model_dump(mode='json')} {settings.model_dump_json()}"
    assert settings.repository_key is not None
    assert settings.repository_key.get_secret_value() == KEY


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdef0123456789", min_size=1, max_size=20))
def test_an_unknown_setting_is_refused(word: str) -> None:
    """Any variable with the prefix that is no setting is refused and named, in whatever case it is written."""
    known = {variable(name) for name in Settings.model_fields}
    name = PREFIX + word
    if name.upper() in known:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(name, "1")
        with pytest.raises(SettingsError, match=f"^Unknown setting {name}. Expected one of: "):
            load_settings()
        patch.delenv(name)
        patch.setenv(name.swapcase(), "1")
        with pytest.raises(SettingsError, match=r"^Unknown setting "):
            load_settings()


def test_a_refused_unknown_setting_is_told_all_that_are_known(clean_environment: pytest.MonkeyPatch) -> None:
    """The message lists every variable, so that a misspelt one is found in it."""
    clean_environment.setenv("KERAS_SERVE_MAX_ROWS", "1")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert all(variable(name) in str(caught.value) for name in Settings.model_fields)


def test_variables_of_others_are_left_alone(clean_environment: pytest.MonkeyPatch) -> None:
    """Names without the prefix are none of ours."""
    clean_environment.setenv("KERAS_BACKEND", "tensorflow")
    clean_environment.setenv("WORKERS", "9")
    assert load_settings() == Settings()


def test_settings_are_frozen() -> None:
    """What was logged at start holds until the end."""
    with pytest.raises(ValidationError, match="frozen"):
        Settings().workers = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "names"),
    [("", set()), (" , ,", set()), ("mnist", {"mnist"}), ("mnist, xor ,,mnist", {"mnist", "xor"})],
)
def test_names_are_a_set(text: str, names: set[str]) -> None:
    """Blanks, empty parts and repetitions in the list of models do not count."""
    assert Settings(models=text).names == names


@given(workers=st.integers(1, 256), limit=st.integers(1, 10_000))
def test_workers_share_a_limit(workers: int, limit: int) -> None:
    """The workers' parts never add up to more than the limit, unless each has its least, which is one."""
    part = Settings(workers=workers).share(limit)
    assert part >= 1
    assert part * workers <= limit or part == 1
    assert (part + 1) * workers > limit


@pytest.mark.parametrize(("workers", "given", "threads"), [(1, None, 3), (2, None, 1), (8, None, 1), (8, 5, 5)])
def test_unset_threads_follow_from_the_processors(
    clean_environment: pytest.MonkeyPatch, workers: int, given: int | None, threads: int
) -> None:
    """What is set is taken; else workers share four processors out, and the log tells what came of it, not None."""
    clean_environment.setattr(cpus, "available", lambda: 4.0)
    settings = Settings(workers=workers, engine_threads=given, repository_key=SecretStr(KEY))
    assert settings.threads == threads
    assert settings.effective() == settings.model_dump(mode="json") | {"engine_threads": threads, "cpus": 4.0}
    assert KEY not in str(settings.effective())
    assert (settings.oversubscribed is not None) == (workers * threads > 4)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_an_empty_variable_counts_as_unset(clean_environment: pytest.MonkeyPatch, name: str) -> None:
    """A variable that is set to nothing, as shells and manifests do, leaves the default in force."""
    clean_environment.setenv(variable(name), "")
    assert load_settings() == Settings()
