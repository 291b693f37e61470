"""Families of Keras models; a function of each takes (config, dataset) and returns a model.

    mlp          dense layers, one after the other
    wide_deep    a linear path beside a deep one
    features     numbers, times, dates and categories as features, inside the graph

A new architecture is one function here and one preset that names it, `module:function`.
"""
