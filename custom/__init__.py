"""Catheters, wires and electrodes in X-ray fluoroscopy: the Python that the bundle's configs name in `_target_`."""
