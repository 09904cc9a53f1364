"""The ACS emulator, seen through the official SDK and by real peers."""
