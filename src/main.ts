import { runServer } from './boot/run-server.js';

await runServer();
