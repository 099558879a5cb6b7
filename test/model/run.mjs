import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MODELS = fileURLToPath(new URL('.', import.meta.url));
const SWITCH = /^\/\/ switch (?<name>\w+): (?<breaks>.+)$/gm;
const MAX_DEPTH = 200_000;

/** @returns what is missing to check models; null: nothing */
export async function missingTools() {
  for (const [tool, flag] of Object.entries({ spin: '-V', gcc: '--version' })) {
    const found = await run(tool, [flag]).catch(() => null);
    if (!found) return `${tool} is not on the PATH (Debian: apt-get install spin gcc libc6-dev)`;
  }
  return null;
}

/** @returns each model, and each model with one rule broken, as `run.d.mts` says */
export async function checkModels() {
  const files = (await readdir(MODELS)).filter((file) => file.endsWith('.pml')).sort();
  const tasks = [];
  for (const file of files) {
    const text = await readFile(join(MODELS, file), 'utf8');
    tasks.push({ file, name: null, breaks: 'nothing' });
    for (const { groups } of text.matchAll(SWITCH)) tasks.push({ file, name: groups.name, breaks: groups.breaks });
  }
  const checked = [];
  const next = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) checked.push(await check(task));
  };
  await Promise.all([next(), next()]);
  const place = ({ model, name }) => `${model} ${name ?? ''}`;
  return checked.sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

async function check({ file, name, breaks }) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-model-'));
  try {
    const inFolder = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    const broken = name === null ? [] : [`-D${name}`];
    await run('spin', ['-a', ...broken, join(MODELS, file)], inFolder);
    await run('gcc', ['-O0', '-w', '-DSAFETY', '-DMEMLIM=1024', '-o', 'pan', 'pan.c'], inFolder);
    const { stdout } = await run(join(folder, 'pan'), [`-m${MAX_DEPTH}`], inFolder);
    return { model: basename(file, '.pml'), name, breaks, ...outcomeOf(stdout) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a verifier of Spin has printed. */
function outcomeOf(text) {
  const violation = /^pan:1: (.*?)(?: \(at depth \d+\))?$/m.exec(text)?.[1] ?? null;
  const states = Number(/^\s*(\d+) states, stored$/m.exec(text)?.[1]);
  const isExhaustive = !/Search not completed|max search depth too small/.test(text) && violation === null;
  const unreached = [...text.matchAll(/^\t\S+:\d+, state \d+, "(.*)"$/gm)].map(([, what]) => what);
  return { states, isExhaustive, violation, unreached: unreached.filter((what) => what !== '-end-') };
}

/** As a text with columns. */
export function tableOf(checked) {
  const rows = checked.map(({ model, name, states, violation, breaks }) => [
    model,
    name ?? '',
    String(states),
    violation === null ? 'holds in all states' : `broken: ${violation}`,
    breaks,
  ]);
  const lines = [['model', 'switch', 'states', 'outcome', 'what the switch breaks'], ...rows];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A rule without a mutant that fails is not checked at all. */
export function faultsOf(checked) {
  return checked.flatMap(({ model, name, isExhaustive, violation, unreached }) => {
    if (name !== null) return violation === null ? [`${model} holds even with ${name}: the model does not see it`] : [];
    if (violation !== null) return [`${model}: ${violation}`];
    if (!isExhaustive) return [`${model}: not all states were looked at`];
    return unreached.map((what) => `${model}: never reached: ${what}`);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = await missingTools();
  if (missing) {
    console.error(`The models cannot be checked: ${missing}.`);
    process.exit(1);
  }
  const checked = await checkModels();
  console.log(tableOf(checked));
  const faults = faultsOf(checked);
  for (const fault of faults) console.error(fault);
  process.exit(faults.length > 0 ? 1 : 0);
}
