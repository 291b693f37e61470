"""How many epochs XOR takes: not in one run, but over many seeds.

    xor              which nets: the tutorial's three, and this project's presets
      ├─ ensemble         all seeds of a net trained at once
      └─ convergence      from which epoch on each is right
    tables, picture     what the study writes

A study trains nothing for the store.
"""
