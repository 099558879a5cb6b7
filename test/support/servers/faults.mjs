import { setImmediate } from 'node:timers';

// Loaded before the reference server: SIGUSR2 makes a fault that nobody catches, of the kind that TEST_FAULT names.
const error = () => new Error(`nowhere-51c2 for ${process.env.TEST_SECRET}`, { cause: new Error('cause-77e0') });

const faults = {
  rejection: () => void Promise.reject(error()),
  exception: () => void setImmediate(() => throwIt(error())),
  text: () => void Promise.reject(process.env.TEST_SECRET),
  object: () => void setImmediate(() => throwIt({ password: process.env.TEST_SECRET })),
  storm: () => {
    for (let n = 0; n < 500; n++) void Promise.reject(error());
  },
};

function throwIt(fault) {
  throw fault;
}

process.on('SIGUSR2', () => faults[process.env.TEST_FAULT]());

if (process.env.TEST_FAULT === 'start') {
  process.on('newListener', (event) => {
    if (event === 'unhandledRejection') void Promise.reject(error());
  });
}
