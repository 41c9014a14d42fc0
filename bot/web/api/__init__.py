"""The JSON API under /api/v1: one table of operations is both what is routed and what /api/v1/openapi.json describes."""
