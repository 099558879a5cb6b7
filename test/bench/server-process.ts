import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from './servers/bench-server.js';
import { SERVERS } from './servers/catalogue.js';
import type { Question, Questions } from './servers/questions.js';

const ENTRY = fileURLToPath(new URL('./servers/server.js', import.meta.url));

/** A server of the benchmark in a process of its own. */
export class ServerProcess {
  private constructor(
    readonly server: BenchServer,
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(server: BenchServer, execArgv: string[] = []): Promise<ServerProcess> {
    const child = fork(ENTRY, [server.id], { execArgv, env: { ...process.env, NODE_ENV: 'production' } });
    const [told] = (await Promise.race([once(child, 'message'), failed(child, server)])) as [{ port: number }];
    return new ServerProcess(server, `http://127.0.0.1:${told.port}`, child);
  }

  /** Starts the servers that `wanted` accepts, runs, and stops them whatever happens. */
  static async withAll<T>(
    wanted: (server: BenchServer) => boolean,
    run: (servers: ServerProcess[]) => Promise<T>,
  ): Promise<T> {
    const running: ServerProcess[] = [];
    try {
      for (const server of SERVERS.filter(wanted)) running.push(await ServerProcess.start(server));
      return await run(running);
    } finally {
      await Promise.all(running.map((server) => server.stop()));
    }
  }

  /** Questions must not overlap. */
  async ask<Q extends Question>(question: Q): Promise<Questions[Q]> {
    const answered = once(this.child, 'message');
    this.child.send(question);
    const [answer] = (await answered) as [Questions[Q]];
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(deadline);
  }
}

async function failed(child: ChildProcess, server: BenchServer): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`The server ${server.id} ended with code ${code} before it listened.`);
}
