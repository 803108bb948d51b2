"""The same catheters from frame to frame, and how they move."""
