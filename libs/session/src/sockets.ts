/**
 * For libraries that guard sockets, and say on each transport why they refuse. The entry `nest-gatehouse/session/sockets`.
 */
export { messageOf } from './messages/message-of.js';
export { refusalFor } from './messages/refusals.js';
export { connectionOf, type Handshake, SocketConnection } from './messages/socket-connection.js';
export { SocketMessage } from './messages/socket-message.js';
export { SocketDoor, type HandshakeRule } from './platform/socket-door.js';
