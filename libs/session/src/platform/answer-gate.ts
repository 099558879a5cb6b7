import type { ServerResponse } from 'node:http';
import { AnswerExamination } from './answer-examination.js';
import { CallGate } from './call-gate.js';
import type { RequestSession } from '../request/request-session.js';
import { isNodeResponse } from './node-wire.js';
import { ResponseGate } from './response-gate.js';

/** Guards one answer: its session is committed before the first byte leaves, and finished before the last. */
export function guardAnswer(response: ServerResponse, life: RequestSession): void {
  if (life.engine.doctor.examinesRequests) new AnswerExamination(response, life);
  if (isNodeResponse(response)) new ResponseGate(response, life);
  else new CallGate(response, life);
}
