"""The skeleton of a mask, as segments between ends and junctions."""
