import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module, type INestApplication, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import { AuthEvents, AuthModule, type AuthModuleOptions, UserService } from 'nest-gatehouse/auth';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import type { Platform } from '../../support/apps/platforms.js';
import { LOGIN, PASSWORD } from './auth-app.js';
import { rawRequest, type RawAnswer } from './raw-request.js';

export interface ProxiedSetup {
  readonly platform: Platform;
  /** The platform's own option. */
  readonly trust: string | false;
  readonly listen?: 'tcp' | 'unix';
  /** Whether the application has middleware, which on Fastify runs before the hooks. */
  readonly middleware?: boolean;
  readonly auth?: AuthModuleOptions;
}

export type Headers = Record<string, string>;

export interface ProxiedApp {
  readonly app: INestApplication<Server>;
  readonly users: UserService;
  readonly audit: readonly AuditEntry[];
  /** What was logged as a warning since the start. */
  readonly warnings: readonly string[];
  /** Without a scheme. */
  readonly host: string;
  request(method: string, path: string, headers: Headers, body?: unknown, from?: string): Promise<RawAnswer>;
  login(headers: Headers, username?: string, password?: string, from?: string): Promise<RawAnswer>;
}

/** An application with the user `alice`, as a proxy in front of it would reach it. */
export async function withProxiedApp(setup: ProxiedSetup, use: (app: ProxiedApp) => Promise<void>): Promise<void> {
  const warnings: string[] = [];
  const app = await create(setup, collect(warnings));
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-'));
  const socketPath = setup.listen === 'unix' ? join(directory, 'app.sock') : undefined;
  try {
    await (socketPath ? app.listen(socketPath) : app.listen(0, '127.0.0.1'));
    const users = app.get(UserService);
    await users.create({ username: 'alice', password: PASSWORD });
    warnings.length = 0;
    const audit: AuditEntry[] = [];
    app.get(AuthEvents).on('*', (entry) => void audit.push(entry));
    const host = socketPath ? 'localhost' : `127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    const request: ProxiedApp['request'] = (method, path, headers, body, from) =>
      rawRequest(`http://${host}${path}`, { method, headers, body, from, socketPath });
    const login: ProxiedApp['login'] = (headers, username = 'alice', password = PASSWORD, from = undefined) =>
      request('POST', LOGIN, headers, { username, password }, from);
    await use({ app, users, audit, warnings, host, request, login });
  } finally {
    await app.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function create({ platform, trust, middleware, auth }: ProxiedSetup, logger: LoggerService) {
  class ProxiedModule {}
  Module({
    imports: [
      MemoryStorageModule.forRoot(),
      SessionModule.forRoot(),
      AuthModule.forRoot({ bcryptCost: 4, networkLimit: 3, freeFailures: 50, ...auth }),
    ],
  })(ProxiedModule);
  const server = express();
  server.set('trust proxy', trust);
  const adapter = platform === 'express' ? new ExpressAdapter(server) : new FastifyAdapter({ trustProxy: trust });
  return NestFactory.create<INestApplication<Server>>(ProxiedModule, adapter, {
    logger,
    forceCloseConnections: true,
  }).then((app) => {
    if (middleware) app.use((_request: unknown, _response: unknown, next: () => void) => next());
    return app;
  });
}

function collect(warnings: string[]): LoggerService {
  const ignore = () => undefined;
  return { log: ignore, error: ignore, warn: (message: unknown) => void warnings.push(String(message)) };
}
