"""Engines: what computes a model's answers.

    engine.py         the interface, the choice between the two, loading
    onnxruntime.py    model.onnx on a CPU
    tensorflow.py     saved_model/ on a GPU, or on a CPU by setting
    staging.py        reused memory from which TensorFlow takes its inputs
    pinning.py        memory that a GPU reads by itself

An engine does one thing: arrays in, arrays out, in the signature's names and order. It knows nothing of
requests, queues or protocols, and is called from as many threads at a time as it says.
"""
