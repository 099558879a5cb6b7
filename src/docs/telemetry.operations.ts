import { answers } from './answers.js';
import { json, type Operations } from './operation.js';

export const telemetryOperations: Operations = {
  'GET /admin/api/stats': {
    group: 'Administration',
    summary: 'What happens now.',
    access: 'admin',
    answers: [json(answers.stats, 'Sessions over all servers; the rest is what this one has seen within a minute.')],
  },
  'GET /admin/api/live': {
    group: 'Administration',
    summary: 'The same every two seconds, until the session ends.',
    access: 'admin',
    answers: [{ status: 200, description: 'Server-sent events.', content: 'text/event-stream' }],
  },
  'GET /admin/api/doctor': {
    group: 'Administration',
    summary: 'What is set up wrong, as far as this server has seen.',
    access: 'admin',
    answers: [json(answers.findings, 'The latest first; none where nothing is wrong.')],
  },
  'GET /metrics': {
    group: 'Server',
    summary: 'What Prometheus reads. Also for whoever has `METRICS_TOKEN`, as `Authorization: Bearer`.',
    access: 'admin',
    answers: [{ status: 200, description: 'In the format of Prometheus.', content: 'text/plain' }],
    refusals: [{ status: 401, codes: ['metrics_token_invalid'] }],
  },
};
