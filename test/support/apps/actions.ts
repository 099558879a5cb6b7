import { All, Controller, NotFoundException, Param, Req, Res, type Type } from '@nestjs/common';
import type { Session } from 'nest-gatehouse/session';

/** What Express and Fastify requests have in common for a handler. */
export interface HandlerRequest {
  session: Session | undefined | null;
  readonly sessionID: string | undefined;
  readonly headers: Record<string, string | undefined>;
}

export interface HandlerResponse {
  status(code: number): unknown;
}

export type Action = (request: HandlerRequest, session: Session, response: HandlerResponse) => unknown;

/** A throwaway controller: each action answers the path of its own name. */
export function actions(table: Readonly<Record<string, Action>>): Type {
  @Controller()
  class ActionsController {
    @All(':action')
    run(
      @Param('action') name: string,
      @Req() request: HandlerRequest,
      @Res({ passthrough: true }) response: HandlerResponse,
    ): unknown {
      const action = table[name];
      if (!action) throw new NotFoundException();
      // Looking at the session is what some actions are about, so others must not.
      return action(request, (action.length > 1 ? request.session : undefined) as Session, response);
    }
  }
  return ActionsController;
}
