import type { PageFrame } from 'nest-gatehouse/web';

/**
 * What an application adds around the console's pages, such as a warning before the session ends. The class is its own
 * injection token: a module in `imports` of `AdminModule.forRoot` that exports one is used.
 */
export abstract class ConsoleFrame {
  /** @param request the platform's; the console's policy admits scripts of the same origin only */
  abstract frame(frame: PageFrame, request: object): PageFrame;
}
