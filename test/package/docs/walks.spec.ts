import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Type } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { blocksOf, pages } from '../../support/docs/markdown.js';
import { patternOf, stepsOf } from '../../support/docs/walk.js';
import { loadFile } from './page-files.js';

const WRITTEN_URL = 'http://localhost:3000';
const type = promisify(execFile);
const walks = pages()
  .flatMap(blocksOf)
  .filter(({ run }) => run !== undefined);
const platforms = [
  { platform: 'Express', adapter: () => new ExpressAdapter() },
  { platform: 'Fastify', adapter: () => new FastifyAdapter() },
];

describe('A walk of docs/', () => {
  it.each(walks.flatMap((walk) => platforms.map((platform) => ({ ...walk, ...platform }))))(
    'answers as it says: $page, line $line, on $platform',
    async ({ page, run: file, code, adapter }) => {
      const { folder, module } = await loadFile<{ readonly AppModule: Type }>(page, file!);
      const app = await start(module.AppModule, adapter());
      try {
        const url = (await app.getUrl()).replace('[::1]', 'localhost');
        const steps = stepsOf(code);
        expect(steps.length).toBeGreaterThan(0);
        for (const { command, answer } of steps) {
          const { stdout } = await type('bash', ['-c', command.replaceAll(WRITTEN_URL, url)], { cwd: folder });
          const got = stdout.replaceAll('\r', '').trimEnd();
          expect({ command, answer: got }).toEqual({ command, answer: expect.stringMatching(patternOf(answer)) });
        }
      } finally {
        await app.close();
        await rm(folder, { recursive: true });
      }
    },
    120_000,
  );

  it('is there', () => {
    expect(walks.length).toBeGreaterThan(3);
  });
});

async function start(module: Type, adapter: AbstractHttpAdapter) {
  const app = await NestFactory.create(module, adapter, { logger: false });
  await app.listen(0, 'localhost');
  return app;
}
