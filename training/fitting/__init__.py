"""Fits the weights of a model, on whatever devices there are, and sets right what comes out.

loop               the epochs: callbacks, early stopping, the state of an interrupted run
├─ epochs            one after the other, in calls of a few steps each
│    ├─ steps            a training step on every device at once
│    └─ inputs           batches by tf.data
│         └─ augmentation    images moved at random
├─ distribution      TensorFlow's strategies, from a `Machine`
├─ precision         16 bits where that is enough
├─ checkpoint        the file that an interrupted run leaves
│    └─ state            what is in it
├─ progress          the bar
└─ signals           TERM is an interruption too
calibrate          probabilities and intervals, on the validation rows
"""
