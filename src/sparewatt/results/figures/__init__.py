"""Pictures of a run as SVG and PNG; same input, same bytes."""
