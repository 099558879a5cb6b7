import type { AddressInfo, Server } from 'node:net';
import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Module } from '@nestjs/common';

export type Platform = 'express' | 'fastify';
export const PLATFORMS: readonly Platform[] = ['express', 'fastify'];

export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
  close(): Promise<void>;
  /** Forgets what it has recorded for a test, and how it was told to behave. */
  forget?(): void;
}

/** Starts a throwaway application on a free port of this machine. */
export async function startApp(
  platform: Platform,
  metadata: ModuleMetadata,
  prepare: (app: INestApplication) => void = () => undefined,
  fastify: ConstructorParameters<typeof FastifyAdapter>[0] = {},
): Promise<RunningApp> {
  class TestModule {}
  Module(metadata)(TestModule);
  const app = await createApp(platform, TestModule, fastify);
  prepare(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

/** An application of this module that does not listen yet. */
export function createApp(
  platform: Platform,
  module: Type,
  fastify: ConstructorParameters<typeof FastifyAdapter>[0] = {},
): Promise<INestApplication> {
  const options = { logger: false as const, abortOnError: false, forceCloseConnections: true };
  if (platform === 'express') return NestFactory.create(module, new ExpressAdapter(), options);
  return NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(fastify), options);
}
