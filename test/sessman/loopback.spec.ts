import { mkdtemp, rm } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { MemorySessmanStorageModule, SessmanModule } from 'nest-gatehouse/sessman';
import { PLATFORMS, type Platform } from '../support/apps/platforms.js';

@Module({
  imports: [
    MemoryStorageModule.forRoot(),
    MemorySessmanStorageModule.forRoot(),
    SessionModule.forRoot(),
    SessmanModule.forRoot({ auth: 'none' }),
  ],
})
class OpenService {}

function create(platform: Platform): Promise<INestApplication> {
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  return NestFactory.create(OpenService, adapter, { logger: false, abortOnError: false });
}

describe.each(PLATFORMS)('a service without API keys, on %s', (platform) => {
  it.each(['0.0.0.0', '::'])('refuses to listen on %s', async (host) => {
    const app = await create(platform);
    await expect(app.listen(0, host)).rejects.toThrow(/must listen on the loopback interface.*Listen on 127\.0\.0\.1/);
    expect((app.getHttpServer() as Server).listening).toBe(false);
    await app.close();
  });

  it.each(['127.0.0.1', '::1', 'localhost'])('listens on %s', async (host) => {
    const app = await create(platform);
    await app.listen(0, host);
    expect((app.getHttpServer() as Server).listening).toBe(true);
    await app.close();
  });

  it('answers on a Unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'gatehouse-'));
    const socketPath = join(directory, 'service.sock');
    const app = await create(platform);
    await (platform === 'express' ? app.listen(socketPath) : listenOn(app, socketPath));
    const status = await new Promise((resolve, reject) => {
      const sent = request({ socketPath, path: '/sessman/new?userid=ann', method: 'POST' }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode));
      });
      sent.once('error', reject).end();
    });
    expect(status).toBe(201);
    await app.close();
    await rm(directory, { recursive: true });
  });
});

/** Nest's adapter of Fastify takes a path as an option only. */
async function listenOn(app: INestApplication, path: string): Promise<void> {
  await app.init();
  await (app as NestFastifyApplication).getHttpAdapter().getInstance().listen({ path });
}
