"""A small Wagtail site that shows what wagtail_flows does: `make demo`."""
