"""Which electrodes lie on which line, and which lines and electrodes are a catheter."""
