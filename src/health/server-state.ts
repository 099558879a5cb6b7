import { Injectable } from '@nestjs/common';

/** What of the process itself matters to whoever sends it requests. */
@Injectable()
export class ServerState {
  /** It answers what it has, and should be sent nothing new. */
  isStopping = false;
}
