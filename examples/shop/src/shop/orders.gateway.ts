import type { IncomingMessage } from 'node:http';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import { SessionSockets, type SignedInUser } from 'nest-gatehouse/auth';
import { WebSocket } from 'ws';

export interface Order {
  readonly customer: string;
  readonly items: readonly string[];
}

const isStaff = (user: SignedInUser) => user.roles.includes('staff');

/** Shows orders to the staff as they come. A socket closes when its user signs out, or is of the staff no more. */
@WebSocketGateway({ path: '/orders/live' })
export class OrdersGateway implements OnGatewayConnection<WebSocket> {
  readonly #watching = new Set<WebSocket>();

  constructor(private readonly sockets: SessionSockets) {}

  /** Nest does not await it, so nothing may be thrown. */
  async handleConnection(socket: WebSocket, handshake: IncomingMessage): Promise<void> {
    await this.#watch(socket, handshake).catch(() => socket.close(1011, 'try again'));
  }

  announce(order: Order): void {
    for (const socket of this.#watching) socket.send(JSON.stringify(order));
  }

  async #watch(socket: WebSocket, handshake: IncomingMessage): Promise<void> {
    const close = () => socket.close(1008, 'not signed in as staff');
    const user = await this.sockets.open(handshake);
    if (!user || !isStaff(user)) return close();
    const forget = await this.sockets.closeWithSession(handshake, close, isStaff);
    if (socket.readyState !== WebSocket.OPEN) return forget();
    this.#watching.add(socket);
    socket.once('close', () => {
      this.#watching.delete(socket);
      forget();
    });
  }
}
