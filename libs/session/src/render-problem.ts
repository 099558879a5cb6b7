import type { ProblemDocument } from './problem.js';
import type { Session } from './session.js';

/** A request as it is shown to `renderProblem`: that of Express or Fastify. Reading `session` throws where the store did not answer. */
export interface ProblemRequest {
  readonly session?: Session;
}

/** Makes a page of a refusal: a whole document, escaped. */
export type RenderProblem = (problem: ProblemDocument, request: ProblemRequest) => string;
