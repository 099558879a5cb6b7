import { Injectable } from '@nestjs/common';

/** The state of the process that matters to a load balancer. */
@Injectable()
export class ServerState {
  /** It is stopping: it answers the requests it has, and should get no new ones. */
  isStopping = false;
}
