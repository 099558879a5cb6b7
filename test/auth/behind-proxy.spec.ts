import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import { AuthModule, UserService } from 'nest-gatehouse/auth';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { PASSWORD } from './auth-app.js';
import { rawRequest } from './raw-request.js';

@Module({
  imports: [
    MemoryStorageModule.forRoot(),
    SessionModule.forRoot(),
    AuthModule.forRoot({ bcryptCost: 4, networkLimit: 3, freeFailures: 50 }),
  ],
})
class ProxiedModule {}

function adapters(trust: string | false) {
  const server = express();
  server.set('trust proxy', trust);
  return [new ExpressAdapter(server), new FastifyAdapter({ trustProxy: trust })];
}

async function withApp(adapter: ExpressAdapter | FastifyAdapter, use: (url: string) => Promise<void>): Promise<void> {
  const app: INestApplication<Server> = await NestFactory.create(ProxiedModule, adapter, { logger: false });
  try {
    await app.listen(0, '127.0.0.1');
    await app.get(UserService).create({ username: 'alice', password: PASSWORD });
    await use(`http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/auth/login`);
  } finally {
    await app.close();
  }
}

describe('Behind a proxy', () => {
  it('a client is who a trusted proxy says, and our origin what it forwards', async () => {
    for (const adapter of adapters('loopback')) {
      await withApp(adapter, async (url) => {
        const login = (headers: Record<string, string>, password = PASSWORD) =>
          rawRequest(url, { headers, body: { username: 'alice', password } });
        const forwarded = { 'x-forwarded-host': 'shop.example:8443', 'x-forwarded-proto': 'https' };
        expect((await login({ ...forwarded, origin: 'https://shop.example:8443' })).status).toBe(200);
        for (const origin of ['https://shop.example', 'http://shop.example:8443', new URL(url).origin]) {
          expect((await login({ ...forwarded, origin })).code).toBe('cross_site');
        }
        const from = (address: string) => login({ 'x-forwarded-for': address }, 'wrong');
        const network = ['2001:db8::1', '2001:DB8:0:0::2', '2001:db8:0:0:ffff::3', '2001:db8::4'];
        const codes: unknown[] = [];
        for (const address of [...network, '2001:db8:0:1::1', '192.0.2.7', '::ffff:192.0.2.7'])
          codes.push((await from(address)).code);
        const wrong = 'invalid_credentials';
        expect(codes).toEqual([wrong, wrong, wrong, 'too_many_attempts', wrong, wrong, wrong]);
      });
    }
  });

  it('that nobody trusts, nothing of it counts', async () => {
    for (const adapter of adapters(false)) {
      await withApp(adapter, async (url) => {
        const codes: unknown[] = [];
        for (let n = 0; n < 5; n++) {
          const headers = { 'x-forwarded-for': `192.0.2.${n}`, forwarded: `for=192.0.2.${n}` };
          codes.push((await rawRequest(url, { headers, body: { username: `user${n}`, password: 'wrong' } })).code);
        }
        const [wrong, refused] = ['invalid_credentials', 'too_many_attempts'];
        expect(codes).toEqual([wrong, wrong, wrong, refused, refused]);
        const headers = {
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'https',
          origin: 'https://evil.example',
        };
        expect((await rawRequest(url, { headers, body: {} })).code).toBe('cross_site');
      });
    }
  });
});
