"""What happens, step by step, over the ports: no SDK, no HTTP, no environment."""
