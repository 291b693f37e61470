"""The commands of `python -m training`, one a module.

`add` declares a command's words; what it sets as `run` does the work and returns the exit status.

    train        mnist, fashion, xor, flights, all

None imports a framework before it needs one, so that help, mistakes and lists are there at once.
"""
