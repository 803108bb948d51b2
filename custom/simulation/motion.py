"""What moves during a sequence: breathing, heartbeat, and the sway of each device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custom.simulation.ranges import MotionRanges
from custom.simulation.scene import Array, MotionField

_BEAT_SHARE = 0.45  # of the heart's cycle, in which it contracts and relaxes; then it rests
_HEART_MM = 50.0  # standard deviation of the heart's pull around its centre
_SWAY_REACH_MM = 60.0  # from the tip, where the sway has fallen to 1 / e


@dataclass(frozen=True)
class Motion:
    """A sequence's three modes: amplitudes over time, and how far each place follows at amplitude 1.

    The breathing amplitude is 0 at the end of expiration and 1 at the end of inspiration, the heartbeat's is 1 at the
    end of systole, the sway's is between -1 and 1.
    """

    breathing_mm: float
    breathing_hz: float
    heartbeat_mm: Array
    heartbeat_hz: float
    sway_mm: float
    sway_hz: float
    phases: Array
    heart_centre: Array
    frame_time_s: float

    @classmethod
    def draw(cls, ranges: MotionRanges, heart_centre: Array, rng: np.random.Generator) -> Motion:
        """Draw a sequence's motion."""
        direction = np.array([0.6, -0.35, -0.7]) + rng.normal(0, 0.3, 3)
        return cls(
            breathing_mm=ranges.breathing_mm.draw(rng),
            breathing_hz=ranges.breaths_per_minute.draw(rng) / 60,
            heartbeat_mm=ranges.heartbeat_mm.draw(rng) * direction / np.linalg.norm(direction),
            heartbeat_hz=ranges.beats_per_minute.draw(rng) / 60,
            sway_mm=ranges.sway_mm.draw(rng),
            sway_hz=rng.uniform(0.1, 0.5),
            phases=rng.uniform(0, 1, 3),
            heart_centre=heart_centre,
            frame_time_s=1 / float(rng.choice(ranges.frames_per_second)),
        )

    def amplitudes(self, frame: int) -> Array:
        """Amplitudes (3,) of breathing, heartbeat and sway at a frame; frame -1 is the one before the first."""
        time = frame * self.frame_time_s
        breath = np.sin(np.pi * (self.breathing_hz * time + self.phases[0])) ** 2
        cycle = (self.heartbeat_hz * time + self.phases[1]) % 1.0
        beat = np.sin(np.pi * cycle / _BEAT_SHARE) ** 2 if cycle < _BEAT_SHARE else 0.0
        sway = np.sin(2 * np.pi * (self.sway_hz * time + self.phases[2]))
        return np.array([breath, beat, sway])

    def organ(self, breathing: float, heartbeat: float = 0.0) -> MotionField:
        """The field of something that moves as a whole, at shares of the full breathing and heartbeat."""

        def field(points: Array) -> Array:
            modes = np.zeros((len(points), 3, 3))
            modes[:, 0, 2] = -self.breathing_mm * breathing
            modes[:, 1] = self.heartbeat_mm * heartbeat
            return modes

        return field

    def device(self, tip: Array, rng: np.random.Generator, *, in_heart: bool) -> MotionField:
        """The field of one device: it follows the heart where it is in it, and sways about its tip."""
        beat = self.heartbeat_mm * rng.uniform(0.4, 1.2) + rng.normal(0, 0.25, 3) * np.linalg.norm(self.heartbeat_mm)
        sway = rng.standard_normal(3)
        sway *= self.sway_mm * rng.uniform(0.3, 1.0) / np.linalg.norm(sway)
        phase_share = rng.uniform(0.3, 1.0)

        def field(points: Array) -> Array:
            squared_distance = ((points - self.heart_centre) ** 2).sum(1)
            near_heart = np.exp(-squared_distance / (2 * _HEART_MM**2))[:, None] * (1.0 if in_heart else 0.1)
            from_tip = np.linalg.norm(points - tip, axis=1)[:, None]
            modes = np.zeros((len(points), 3, 3))
            modes[:, 0, 2] = -self.breathing_mm * near_heart[:, 0] * phase_share
            modes[:, 1] = beat * near_heart
            modes[:, 2] = sway * np.exp(-from_tip / _SWAY_REACH_MM)
            return modes

        return field
