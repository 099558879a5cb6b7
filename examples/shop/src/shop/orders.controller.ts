import { BadRequestException, Controller, Get, Post } from '@nestjs/common';
import { CurrentUser, Roles, type SignedInUser } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';
import type { ShopData } from './cart.controller.js';
import { type Order, OrdersGateway } from './orders.gateway.js';

/** Signed-in users order; the staff see the orders. A shop would keep them in its database. */
@Controller('orders')
export class OrdersController {
  readonly #orders: Order[] = [];

  constructor(private readonly gateway: OrdersGateway) {}

  @Get()
  @Roles('staff')
  list(): readonly Order[] {
    return this.#orders;
  }

  @Post()
  place(@CurrentUser() user: SignedInUser, @Session() session: Session<ShopData>): Order {
    const { cart = [] } = session;
    if (cart.length === 0) throw new BadRequestException('The cart is empty.');
    const order = { customer: user.username, items: [...cart] };
    delete session.cart;
    this.#orders.push(order);
    this.gateway.announce(order);
    return order;
  }
}
