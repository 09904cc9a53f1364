"""Call Automation and Web PubSub: together with storage/, the only code that uses Azure's SDKs."""
