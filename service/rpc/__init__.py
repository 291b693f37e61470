"""The Open Inference Protocol V2 over gRPC, beside HTTP: same process, event loop, scheduler, checks and limits.

    server      port, limits, start and end
    ├── calls       what every unary call has in common: admission, reading in time, counting, faults
    │   ├── infer       ModelInfer: the version, the deadline, the answer
    │   │   └── messages    message ▶ InferRequest, InferResult ▶ message; pure
    │   │       └── contents    one tensor's bytes or numbers ▶ array
    │   └── reads       metadata, readiness, statistics, repository: the HTTP pages as messages
    ├── streams     ModelStreamInfer: many requests, answered in order
    └── health      grpc.health.v1
    counted     one call in flight, and what is counted of it
    faults      errors ▶ gRPC statuses

``inference.proto`` is the contract; ``make proto`` makes ``inference_pb2`` of it, in a descriptor pool of its own,
so that a process may also hold another package's copy of the same protocol. Nothing outside this folder imports
gRPC, and nothing imports this folder unless a port is set.
"""
