"""Pictures of runs: drawn by Plotly in the browser, asked for again when somebody zooms."""
