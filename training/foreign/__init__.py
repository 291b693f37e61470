"""Models trained elsewhere: from a `.keras` file to a version in the store.

    bring           read top to bottom: load, describe, export, store
      ├─ loading        the model, in safe mode
      ├─ tensors        its inputs, outputs and task, as a signature has them
      │   └─ lookups        which inputs hold places in a table, and how long it is
      ├─ fields_check   what a person says of them, held against the tensors
      └─ examples       rows that a person gave, or drawn ones

    archive, fields_file, spans: what a person gave, read without a framework

Whatever cannot be served is refused here, with the reason, before anything is stored.
"""
