"""Code that runs inside the other servers: the same model on the same engine, each in its framework's own way.

    model.py             the ONNX model on one thread, for all of them but Triton
    constant.py          the floor: a bare ASGI app that reads the body and answers a constant
    fastapi_app.py       FastAPI: a Pydantic model in, a Pydantic model out
    bentoml_service.py   BentoML: a batchable API
    litserve_server.py   LitServe: decode, batch, predict, unbatch, encode
    ray_deployment.py    Ray Serve: a deployment with ``@serve.batch``
    mlserver_runtime.py  MLServer: a runtime for its adaptive batching
    triton_model.py      Triton: a model of its Python backend

Their frameworks are installed in environments of their own, so nothing else may import these modules, and they
import nothing of the project but ``model.py`` and a constant of ``contender.py``.
"""
