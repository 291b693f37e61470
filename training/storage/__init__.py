"""Artifacts in the BentoML store: numbered versions, written whole or not at all.

store              names, versions, staging, publishing, removing
├─ disk              locks, and writing in one step
└─ bento_model       BentoML's own view of a model
manifest           what an artifact is made of and where it comes from
├─ weights           one sha256 over all weights
├─ provenance        revision, machine, packages
└─ restored          a configuration, back from a manifest
inventory          what is stored, for people
├─ labels            words that point to versions
└─ bentos            which bentos name which versions
prune              removes what none of them names
"""
