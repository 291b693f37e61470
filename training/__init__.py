"""The offline half: data in, artifact out. Shares `docs/artifact.md` with the service, and no code.

    __main__       the command line: parse, call, print
      └─ run       one configuration to one tag in the store
          ├─ fit          train_and_evaluate(config, workdir), read top to bottom
          │   ├─ datasets/        load, check, split
          │   ├─ architectures/   Keras models, preprocessing inside the graph
          │   ├─ progress         the bar
          │   ├─ evaluate, baselines     metrics and the gate
          │   ├─ export           three formats, each held against the model in memory
          │   └─ report           metrics, history, curves, card
          ├─ manifest     sha256 of every file
          └─ store        numbered versions, whole or not at all
              └─ bento_model   BentoML's own view of a model

    config, presets, signature, errors, quiet: leaves that know no framework

Only what runs below `run` imports TensorFlow, and it is imported late.
"""
