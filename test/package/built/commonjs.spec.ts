import { execFileSync, spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { writeCommonJs } from '../../../scripts/commonjs.mjs';
import { readText, ROOT } from '../source-files.js';

interface Target {
  readonly default: string;
}

const manifest = JSON.parse(readText('package.json')) as {
  readonly exports: Readonly<Record<string, string | { readonly import: Target; readonly require: Target }>>;
};
const entries = Object.values(manifest.exports).filter((entry) => typeof entry === 'object');

// The copy finds the others by their names, which lead to ES modules here as everywhere in Node.
const asCommonJs = `
  const Module = require('node:module');
  const resolve = Module._resolveFilename;
  const { exports } = require('./package.json');
  Module._resolveFilename = function (name, ...rest) {
    const entry = name.startsWith('nest-gatehouse/') && exports['.' + name.slice('nest-gatehouse'.length)];
    return resolve.call(this, entry ? require('node:path').resolve(entry.require.default) : name, ...rest);
  };`;

describe('The CommonJS build', () => {
  beforeAll(writeCommonJs);

  it('has the names of the ES modules, each entry point', () => {
    const targets = JSON.stringify(entries.map((entry) => [entry.import.default, entry.require.default]));
    const code = `${asCommonJs}
      (async () => {
        const names = (module) => Object.keys(module).sort();
        const differing = [];
        for (const [esm, cjs] of ${targets})
          if (String(names(await import(esm))) !== String(names(require(cjs)))) differing.push(esm);
        console.log(JSON.stringify(differing));
      })();`;
    const answer = execFileSync(process.execPath, ['--no-warnings', '--eval', code], { cwd: ROOT, encoding: 'utf8' });
    expect(JSON.parse(answer)).toEqual([]);
    expect(entries.length).toBeGreaterThan(20);
  });

  it('warns where it is loaded beside the ES modules, once, with both places', () => {
    const code = `require('./dist/libs/common/src/index.cjs'); import('./dist/libs/common/src/index.js');`;
    const { stderr } = spawnSync(process.execPath, ['--eval', code], { cwd: ROOT, encoding: 'utf8' });
    expect(stderr.match(/GATEHOUSE_LOADED_TWICE/g)).toHaveLength(1);
    expect(stderr).toMatch(/from file:\S+one-instance\.cjs and from file:\S+one-instance\.js,/);
  });

  it('is not what Node loads: `require` and `import` give the same one', () => {
    const code = `
      const required = require('nest-gatehouse/session');
      import('nest-gatehouse/session').then(({ SessionModule }) => console.log(SessionModule === required.SessionModule));`;
    const answer = spawnSync(process.execPath, ['--eval', code], { cwd: ROOT, encoding: 'utf8' });
    expect(answer.stdout.trim()).toBe('true');
    expect(answer.stderr).not.toContain('GATEHOUSE_LOADED_TWICE');
  });
});
