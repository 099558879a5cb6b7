/** The `actorId` of what the command line does. */
export const COMMAND_LINE_ACTOR = 'command-line';
