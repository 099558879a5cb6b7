import { availableParallelism } from 'node:os';
import { specFiles } from './test/support/spec-files.mjs';

const common = {
  testEnvironment: '<rootDir>/test/support/constant-globals.environment.mjs',
  testEnvironmentOptions: { customExportConditions: ['nest-gatehouse-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  restoreMocks: true,
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...common,
      displayName: 'quick',
      // In this process: neither the build nor a mongod.
      testMatch: specFiles(
        ['admin', 'auth', 'client', 'common', 'hits', 'package', 'session', 'sessman', 'sqlite', 'web'],
        {
          except: ['client/browser', 'package/built', 'sqlite/processes'],
        },
      ),
      globals: { onMongodb: false },
      globalSetup: '<rootDir>/test/support/memory-disk.setup.mjs',
    },
    {
      ...common,
      displayName: 'full',
      // Other processes: the built server, browsers, MongoDB.
      testMatch: specFiles(['client/browser', 'model', 'mongoose', 'package/built', 'server', 'sqlite/processes']),
      globals: { onMongodb: true },
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    },
  ],
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  // What hangs must end some time; what is only slow on a busy machine must not fail.
  testTimeout: 120_000,
  // A third of a suite's time is waiting: for a server, a lease, an election. So there are two workers for each core.
  maxWorkers: availableParallelism() * 2,
};
