// Preloaded into Azurite: stop as on SIGTERM when standard input ends, which it does when whoever
// started us is gone. Azurite saves its data then, but may linger, so two seconds are the limit.
process.stdin.on("end", () => {
  process.emit("SIGTERM");
  setTimeout(() => process.exit(), 2000);
});
process.stdin.resume();
process.stdin.unref(); // Watching is no reason to stay.
