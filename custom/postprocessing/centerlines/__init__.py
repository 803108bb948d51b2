"""From the segments of a skeleton to the smooth line of each device."""
