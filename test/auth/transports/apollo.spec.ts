import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import type { Platform } from '../../support/apps/platforms.js';
import { describeResolvers } from './graphql-suite.js';

/** One object for all operations of a socket, as applications have it that keep something there. */
const oneContextForASocket = ({ req, extra }: { req?: object; extra?: object }) => extra ?? { req };

const CONTEXTS = { express: { context: oneContextForASocket }, fastify: {} } satisfies Record<Platform, object>;

for (const platform of ['express', 'fastify'] as const) {
  describeResolvers('Apollo', platform, () =>
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      graphiql: false,
      subscriptions: { 'graphql-ws': true },
      ...CONTEXTS[platform],
    }),
  );
}
