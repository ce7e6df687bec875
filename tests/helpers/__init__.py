"""What several tests need: networks, cases, oracles."""
