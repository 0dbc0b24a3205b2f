"""Who lives at a network and what they draw: customers, cases, generated and metered profiles, diaries."""
