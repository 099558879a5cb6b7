/** For libraries that watch requests. The entry `nest-gatehouse/session/request`. */
export { beforeAnswer, storedSessionOf } from './request/before-answer.js';
