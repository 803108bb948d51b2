"""From the layouts that users hold to a datalist: one module a layout, `conversion` for what they share."""
