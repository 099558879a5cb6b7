import { describe, expect, it } from '@jest/globals';
import { arrowsOfPage } from './architecture-page.js';
import { importsOfHouse } from './imports.js';
import { readText, SOURCE } from './source-files.js';

const imports = importsOfHouse([...arrowsOfPage().keys()]);
const manifest = JSON.parse(readText('package.json')) as { exports: Record<string, { [SOURCE]: string }> };

/** What an application loads with an entry point, types included: packages of others. */
function packagesBehind(entry: string): Set<string> {
  const files = new Set([manifest.exports[entry]![SOURCE].replace(/^\.\/|\.ts$/g, '')]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const { specifier, target } of imports.filter((each) => each.file === `${file}.ts`)) {
      if (target !== null) files.add(target);
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  }
  return packages;
}

describe('An application without gateways and microservices', () => {
  it.each(['@nestjs/websockets', '@nestjs/microservices'])('never loads %s', (name) => {
    const file = 'libs/session/src/messages/refusals.ts';
    const importers = imports.filter((each) => each.specifier === name && each.file.startsWith('libs/'));
    expect(importers.map((each) => each.file)).toEqual([file]);
    // Only where it is asked for, which an application with gateways or handlers of microservices does at its start.
    expect(readText(file).split(name)).toHaveLength(2);
    expect(readText(file)).toContain(`await import('${name}')`);
  });

  it.each(['graphql', '@nestjs/graphql', 'ws', 'socket.io'])('needs no %s', (name) => {
    expect(imports.filter((each) => each.specifier === name && each.file.startsWith('libs/'))).toEqual([]);
  });
});

describe('An application without sign-in', () => {
  const ofSessions = packagesBehind('./session');
  const ofSignIn = [...packagesBehind('./auth')].filter((name) => !ofSessions.has(name));

  it.each([
    './common',
    './session/storage',
    './sqlite',
    './mongoose',
    './testing',
    './auth/storage',
    './sessman',
    './sessman/storage',
    './hits/storage',
    './session/request',
  ])('loads none of its packages with %s', (entry) => {
    expect(ofSignIn).toEqual(expect.arrayContaining(['bcrypt']));
    const loaded = packagesBehind(entry);
    expect(ofSignIn.filter((name) => loaded.has(name))).toEqual([]);
  });
});
