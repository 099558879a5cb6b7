import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const START_DEADLINE = 60_000;

/** Starts a script of the example in a process of its own, and waits until it answers. @returns what ends it */
export async function start(script, port, env = {}) {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit');
  const died = exit.then(([code]) => {
    throw new Error(`${script} ended with code ${code} before it answered`);
  });
  died.catch(() => undefined);
  const deadline = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE);
  await Promise.race([answering(`http://localhost:${port}/`), died]);
  clearTimeout(deadline);
  return async () => {
    child.kill();
    await exit;
  };
}

async function answering(url) {
  while (!(await fetch(url, { redirect: 'manual' }).catch(() => null))) await pause(50);
}

export async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Keeps cookies for each origin, as a browser does; sends JSON, or a form. */
export class Browser {
  #cookies = new Map();

  constructor(origin) {
    this.origin = origin;
  }

  get(path, headers) {
    return this.send('GET', path, { headers });
  }

  post(path, body, headers) {
    return this.send('POST', path, {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  postForm(path, fields) {
    return this.send('POST', path, { body: new URLSearchParams(fields), headers: { origin: this.originOf(path) } });
  }

  async send(method, path, { body, headers }) {
    const url = new URL(path, this.origin);
    const cookie = this.cookie(url);
    const options = { method, body, headers: { ...headers, ...(cookie && { cookie }) }, redirect: 'manual' };
    const response = await fetch(url, options);
    for (const line of response.headers.getSetCookie()) this.#keep(url, line);
    const text = await response.text();
    const json = () => JSON.parse(text);
    return { status: response.status, headers: response.headers, text, json };
  }

  /** The value of the header `Cookie`; empty if there is none. */
  cookie(url = new URL(this.origin)) {
    return [...(this.#cookies.get(url.origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  originOf(path) {
    return new URL(path, this.origin).origin;
  }

  #keep({ origin }, line) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const jar = this.#cookies.get(origin) ?? new Map();
    this.#cookies.set(origin, jar);
    const ended = value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (ended) jar.delete(name);
    else jar.set(name, value);
  }
}
