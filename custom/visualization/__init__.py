"""Pictures of frames with what was found in them."""

from custom.visualization.contact_sheet import contact_sheet
from custom.visualization.overlay import draw_overlay
from custom.visualization.result_overlay import draw_result, picture_zoom

__all__ = ["contact_sheet", "draw_overlay", "draw_result", "picture_zoom"]
