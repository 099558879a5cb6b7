import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// Starts the application on a platform, and makes two requests of one browser and one of another.
const [application, platform] = process.argv.slice(2);
const DEADLINE = 30_000;

const server = spawn(process.execPath, ['dist/main.js', platform], {
  cwd: application,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const deadline = setTimeout(() => server.kill('SIGKILL'), DEADLINE);
try {
  const [url] = await Promise.race([once(createInterface({ input: server.stdout }), 'line'), ended()]);
  const first = await visit(url);
  const second = await visit(url, first.cookie);
  const stranger = await visit(url);
  console.log(`visits: ${first.visits}, ${second.visits}; of another browser: ${stranger.visits}`);
  if (first.visits !== 1 || second.visits !== 2 || stranger.visits !== 1) process.exitCode = 1;
} finally {
  server.kill();
  clearTimeout(deadline);
}

async function visit(url, cookie) {
  const response = await fetch(url, { headers: cookie ? { cookie } : {} });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  const { visits } = await response.json();
  return { visits, cookie: response.headers.getSetCookie()[0]?.split(';')[0] };
}

async function ended() {
  const [code, signal] = await once(server, 'exit');
  throw new Error(`The application ended before it listened (${signal ?? code}).`);
}
