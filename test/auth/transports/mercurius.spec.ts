import { jest } from '@jest/globals';
import { GraphQLModule } from '@nestjs/graphql';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import { describeResolvers } from './graphql-suite.js';

// For GraphiQL alone. It requires a package in ESM, which Jest cannot do.
jest.mock('@fastify/static', () => () => undefined);
const { MercuriusDriver } = await import('@nestjs/mercurius');

describeResolvers('Mercurius', 'fastify', () =>
  GraphQLModule.forRoot<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    autoSchemaFile: true,
    graphiql: false,
    subscription: { fullWsTransport: true },
  }),
);
