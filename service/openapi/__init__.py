"""One OpenAPI document of the whole HTTP service, and the page that shows it.

rendered.py              the document as bytes, kept until other versions are loaded
document.py              the whole of it
paths_tfserving.py       /v1, with tfserving_schemas.py for its pages
paths_openinference.py   /v2, with openinference_schemas.py for its pages
paths_repository.py      /v2/repository
paths_typed.py           the typed APIs
paths_service.py         health, metrics and the like
predict_schemas.py       bodies of :predict
stream_schemas.py        and of :predict by CSV and JSON lines
example_schemas.py       bodies of :classify and :regress
infer_schemas.py         bodies of infer
record_schemas.py        records and their answers
tensor_schemas.py        rows of a tensor
examples.py              requests and answers from an artifact's own rows
faults.py                error answers
operation.py             one operation
place.py                 where a model's operations stand
subject.py               a loaded version, and names of components
page.py                  /docs
"""
