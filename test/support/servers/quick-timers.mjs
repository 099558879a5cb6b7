// Loaded before the server: what it does every few seconds, it does every tenth of a second.
const { setInterval } = globalThis;

globalThis.setInterval = (callback, delay, ...args) => setInterval(callback, Math.min(delay, 100), ...args);
