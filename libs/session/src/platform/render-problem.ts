import type { ProblemDocument } from 'nest-gatehouse/common';
import type { Session } from '../request/session-object.js';

/** A request as it is shown to `renderProblem`: that of Express or Fastify. Reading `session` throws where the store did not answer. */
export interface ProblemRequest {
  readonly session?: Session;
}

/** Makes a page of a refusal: a whole document, escaped. */
export type RenderProblem = (problem: ProblemDocument, request: ProblemRequest) => string;
