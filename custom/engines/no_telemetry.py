"""Frames of patients are at work here: no library reports its use to its maker, unless the user has said so."""

import os

for switch in ("ORT_DISABLE_TELEMETRY", "NNCF_CI"):
    os.environ.setdefault(switch, "1")
