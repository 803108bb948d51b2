"""The table of catheter types, and which of them a row of electrodes is."""
