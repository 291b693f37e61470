"""The BentoML service: wiring, typed APIs, lifecycle. Nothing else.

``bentoml serve service.app:KerasServe`` serves it, as do a built bento and a container.
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import bentoml
from _bentoml_sdk.service import Service

from service import connection, store
from service.answers import Digit, Flight, Garment, Image, Loyalty
from service.direct import Direct
from service.drain import give_up
from service.errors import ServiceError, SettingsError
from service.front import Front
from service.logs import configure
from service.runtime import Runtime
from service.settings import Settings, load_settings
from service.typed import DEADLINE, FAULT, TypedApis

log = logging.getLogger(__name__)

MODELS = {
    "/classify_digit": "mnist",
    "/classify_garment": "fashion",
    "/loyal_customer": "xor",
    "/predict_flight": "flights",
}


class FrontedService(Service[Any]):
    """A BentoML service whose app has the front around it, however it is served."""

    runtime: Runtime

    @property
    def doc(self) -> str:
        """What the docs page says, instead of BentoML's words about itself."""
        return f"# keras-serve\n\n{inspect.getdoc(self.inner)}"

    def to_asgi(self, is_main: bool = True) -> Any:
        """BentoML's app behind the front."""
        try:
            settings = load_settings()
        except SettingsError as error:
            sys.stderr.write(f"keras-serve: {error}\n")
            give_up()
        configure(settings.log_level)
        log.info("settings", extra=settings.effective())
        if settings.oversubscribed:
            log.warning("%s", settings.oversubscribed)
        self.runtime = Runtime(settings, source(self, settings), give_up)
        connection.install(settings, Direct(self.runtime))
        return Front(self.runtime, TypedApis(super().to_asgi(is_main), self.runtime, MODELS))


def source(service: Service[Any], settings: Settings) -> store.Source:
    """Where models come from: the store that is set, else the models pinned in the bento, else the store at hand."""
    if settings.model_store is None and service.bento is not None:
        tags = [info.tag for info in service.bento.info.all_models]
        named = [tag for tag in tags if not settings.names or tag.name in settings.names]
        return store.Pinned({tag.name: [_pinned(tag)] for tag in named})
    return store.Home(store.home(settings.model_store), settings.names)


def _pinned(tag: bentoml.Tag) -> store.Stored:
    return store.Stored(tag.name, int(tag.version or 0), Path(bentoml.models.get(tag).path))


def _runtime() -> Runtime:
    return cast(FrontedService, KerasServe).runtime


async def _answer(name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Ask a model about one record; a fault is left where the front finds it, since BentoML would hide it."""
    try:
        return await _runtime().answer_record(name, record, DEADLINE.get(None))
    except ServiceError as error:
        FAULT.get([]).append(error)
        raise


def _settings() -> Settings:
    """What BentoML itself must know of the settings; a bad one is reported when the app is made."""
    try:
        return load_settings()
    except SettingsError:
        return Settings.model_construct()


SETTINGS = _settings()


@bentoml.service(
    name="keras_serve",
    workers=SETTINGS.workers,
    service_class=FrontedService,
    # its limit must not come before ours, which answer in our words
    traffic={"timeout": (SETTINGS.request_timeout_ms + SETTINGS.body_timeout_ms) / 1000 + 1},
    tracing={"excluded_urls": ".*"},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
class KerasServe:
    """Digits, garments, customers and flights: one record a call, checked and batched like every other request.

    The same models answer TensorFlow Serving's REST at ``/v1/models/NAME:predict`` and the Open Inference Protocol
    at ``/v2/models/NAME/infer``; both take many rows a call.
    """

    @bentoml.api
    async def classify_digit(self, image: Image) -> Digit:
        """Which digit a hand-written image shows (model ``mnist``)."""
        return Digit(**await _answer("mnist", {"image": image}))

    @bentoml.api
    async def classify_garment(self, image: Image) -> Garment:
        """Which garment an image shows (model ``fashion``)."""
        return Garment(**await _answer("fashion", {"image": image}))

    @bentoml.api
    async def loyal_customer(self, young: int, high_income: int) -> Loyalty:
        """Whether a customer is loyal, from age and income, each 0 or 1 (model ``xor``)."""
        return Loyalty(**await _answer("xor", {"young": young, "high_income": high_income}))

    @bentoml.api
    async def predict_flight(
        self,
        date: str,
        carrier: str,
        origin: str,
        dest: str,
        scheduled_departure: str,
        scheduled_arrival: str,
        departure_delay: float,
        distance: float,
        temperature: float | None = None,
        humidity: float | None = None,
        wind_direction: float | None = None,
        wind_speed: float | None = None,
        precipitation: float | None = None,
        visibility: float | None = None,
        pressure: float | None = None,
    ) -> Flight:
        """Minutes of arrival delay and of air time of a flight that departs now, with intervals (model ``flights``).

        Units and ranges are those of the model's fields; weather that is left out is ordinary weather.
        """
        record = {name: value for name, value in locals().items() if name != "self" and value is not None}
        return Flight(**await _answer("flights", record))
