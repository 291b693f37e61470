"""The commands of `python -m training`, one a module.

    train        mnist, fashion, xor, flights, all
    listing      list: the presets, with what each has measured
    models       what is stored
    report       the card of a stored model, in the terminal or as a page
    label        a word for a version, which protects it
    prune        removes old versions
    reproduce    trains a stored model again and compares
    export       stores a model trained elsewhere
    study        trains the nets of a question many times over

    command      what all of them take;  table    what the lists are printed with

`add` declares a command's words; what it sets as `run` does the work and returns the exit status. None imports a
framework before it needs one, so that help, mistakes and lists are there at once.
"""
