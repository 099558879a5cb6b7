const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/** Takes note of what would end a server process, in place of whoever listens. @returns what ends that */
export function watchCrashes(note: (error: Error) => void): () => void {
  const before = EVENTS.map((event) => process.listeners(event as 'uncaughtException'));
  for (const event of EVENTS) process.removeAllListeners(event).on(event, note);
  return () => {
    EVENTS.forEach((event, at) => {
      process.removeAllListeners(event);
      for (const listener of before[at]!) process.on(event, listener as () => void);
    });
  };
}
