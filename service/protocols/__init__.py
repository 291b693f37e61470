"""The dialects: bytes to ``InferRequest``, ``InferResult`` to bytes. Pure: no I/O, no queue.

tfserving.py            TensorFlow Serving REST: predict by row and by column, and records
tfserving_pages.py      its status and metadata, with KServe V1's `ready`
openinference.py        Open Inference Protocol V2: infer
openinference_pages.py  its server, health and model pages
"""
