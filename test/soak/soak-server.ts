import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const START_LINE = /listening on (http:\/\/\S+)\n/;
const METRICS_TOKEN = 'what-the-soak-reads-metrics-by';

/** One value of `/metrics`, at the time of a sample. */
export interface ProcessFigures {
  readonly heapMegabytes: number;
  readonly handles: number;
}

/** The built server as a process that may be stopped, killed and started again on the same store and port. */
export class SoakServer {
  #child!: ChildProcess;
  #url = '';
  restarts = 0;

  private constructor(
    private readonly env: Readonly<Record<string, string>>,
    private readonly directory: string,
  ) {}

  static async start(env: Readonly<Record<string, string>>, directory: string): Promise<SoakServer> {
    const server = new SoakServer(env, directory);
    await server.#run('0');
    return server;
  }

  get url(): string {
    return this.#url;
  }

  /** As a deployment does, or as a fault. */
  async restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.stop(signal);
    await this.#run(new URL(this.#url).port);
    this.restarts++;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, 'exit');
  }

  async figures(): Promise<ProcessFigures> {
    const answer = await fetch(`${this.#url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
    const text = await answer.text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
    return { heapMegabytes: value('nodejs_heap_size_used_bytes') / 2 ** 20, handles: value('process_open_fds') };
  }

  async #run(port: string): Promise<void> {
    const env = { PATH: process.env.PATH, NODE_ENV: 'production', METRICS_TOKEN, PORT: port, ...this.env };
    this.#child = spawn(process.execPath, [`${process.cwd()}/dist/src/main.js`], {
      cwd: this.directory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (text: Buffer) => (output = (output + text.toString()).slice(-20_000));
    this.#child.stdout!.on('data', keep);
    this.#child.stderr!.on('data', keep);
    while (!START_LINE.test(output)) {
      await Promise.race([once(this.#child.stdout!, 'data'), once(this.#child, 'exit')]);
      if (this.#child.exitCode !== null) throw new Error(`The server ended at its start:\n${output}`);
    }
    this.#url = START_LINE.exec(output)![1]!;
  }
}
