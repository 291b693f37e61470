"""Families of Keras models; a function of each takes (config, dataset) and returns a model.

    mlp               dense layers, one after the other
    convolutional     filters that are moved over an image
    wide_deep         a linear path beside a deep one, and the plain nets it is compared with
      ├─ flight_features  a flight's plan, its weather, the days around it
      │    └─ features        numbers, times, dates and categories as features, inside the graph
      └─ intervals        an answer with the interval around it

A new architecture is one function here and one preset that names it, `module:function`.
"""
