"""Physics: laws, slow and true; power flow of networks, headroom."""
