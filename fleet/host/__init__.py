"""The runtime process: boots, plants the tree of actors, watches over it, sums the run up."""
