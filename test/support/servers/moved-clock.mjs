// Loaded before the reference server: each SIGUSR2 moves its clock on by an hour.
const HOUR = 3_600_000;
const now = Date.now;
let moved = 0;

Date.now = () => now() + moved;
process.on('SIGUSR2', () => (moved += HOUR));
