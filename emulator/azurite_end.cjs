// Preloaded into Azurite: stops it as on SIGTERM when standard input ends, which happens when the
// process that started it has died. Azurite then saves its data, but may stay: it has two seconds.
process.stdin.on("end", () => {
  process.emit("SIGTERM");
  setTimeout(() => process.exit(), 2000);
});
process.stdin.resume();
process.stdin.unref(); // Reading must not keep the process alive.
