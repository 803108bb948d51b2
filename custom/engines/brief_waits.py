"""Threads of a layer wait for each other asleep, but for the first microseconds, unless the user has said otherwise.

libgomp, which ncnn brings along and which reads this when it is loaded, has them wait busily for milliseconds. Where
another process wants the core, too, it gets it from the one thread that has work, and a frame takes far longer.
"""

import os

if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
