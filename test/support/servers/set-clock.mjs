import { performance } from 'node:perf_hooks';

// Loaded before the reference server: its clock starts at CLOCK_AT, in ISO 8601.
const start = Date.parse(process.env.CLOCK_AT) - performance.now();

Date.now = () => Math.floor(start + performance.now());
