"""The process guard: a parent without threads over the processes that make up a fleet.

The guard's own side is `guard.Guard`; a guarded process imports `lifeline.Lifeline` alone,
which needs nothing but the standard library.
"""
