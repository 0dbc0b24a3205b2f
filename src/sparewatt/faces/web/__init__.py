"""The web application: pages over studies, store and results; `app.make_web` makes it."""
