/** What the parent process may ask a server, and what it is told. */
export interface Questions {
  /** CPU time of this process so far, user and system, in microseconds. */
  cpu: number;
  /** Bytes on the heap and in buffers once garbage is collected. */
  heap: number;
}

export type Question = keyof Questions;

const collectGarbage = (globalThis as { gc?: () => void }).gc;

const answers: { readonly [Q in Question]: () => Questions[Q] } = {
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  heap() {
    for (let round = 0; round < 3; round++) collectGarbage?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
};

export function answerQuestions({ port }: { port: number }, close: () => Promise<void>): void {
  process.on('message', (question: Question) => process.send!(answers[question]()));
  process.once('disconnect', () => void close().finally(() => process.exit(0)));
  process.send!({ port });
}
