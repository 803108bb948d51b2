"""Pictures of frames with what was found in them."""

from custom.visualization.contact_sheet import contact_sheet
from custom.visualization.overlay import draw_overlay

__all__ = ["contact_sheet", "draw_overlay"]
