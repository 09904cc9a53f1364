"""Call Automation and Web PubSub: with storage/, the only code that knows Azure's SDKs."""
