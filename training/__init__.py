"""The offline half: data in, artifact out. Shares `docs/artifact.md` with the service, and no code.

    __main__           the command line, with a module of commands/ for each command
      ├─ run               one configuration to one tag in the store
      │    └─ fit              train_and_evaluate(config, workdir, …), read top to bottom
      │         ├─ datasets/       load, check, split
      │         ├─ architectures/  Keras models, preprocessing inside the graph
      │         ├─ fitting/        the loop over epochs, on one device or many; calibration
      │         ├─ baselines/      what a model must beat
      │         ├─ evaluation/     metrics with intervals, comparison, the gate
      │         ├─ export/         three formats, each held against the model in memory
      │         └─ report/         pictures, model card, page
      ├─ reproduce         a stored model, trained again from its manifest
      ├─ foreign/          a model trained elsewhere becomes an artifact
      └─ study/            a question put to many seeds
    storage/           numbered versions, manifests, labels, pruning
    presets/           a configuration for each architecture

    config, errors, machine, quiet, signature: leaves that know no framework

TensorFlow is imported late, by the commands that need it.
"""
