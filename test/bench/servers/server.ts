import type { AddressInfo, Server } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { benchControllerOf } from './bench.controller.js';
import { SERVERS } from './catalogue.js';
import { HIT_SERVERS } from './hit-servers.js';
import { PROGRAM_SERVERS } from './program-servers.js';
import { answerQuestions } from './questions.js';

const id = process.argv[2];
const servers = [...SERVERS, ...PROGRAM_SERVERS, ...HIT_SERVERS];
const server = servers.find((candidate) => candidate.id === id);
if (!server) throw new Error(`No server ${id}; there are ${servers.map((candidate) => candidate.id).join(', ')}.`);

class BenchModule {}
Module({ imports: (await server.imports?.()) ?? [], controllers: [benchControllerOf(server)] })(BenchModule);

const adapter = server.platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(BenchModule, adapter, { logger: ['error', 'fatal'], abortOnError: false });
await server.prepare?.(app);
await app.listen(0, '127.0.0.1');
const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
answerQuestions({ port }, () => app.close());
