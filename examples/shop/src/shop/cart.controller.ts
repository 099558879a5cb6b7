import { Body, Controller, Get, Post } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { Session } from 'nest-gatehouse/session';

export interface ShopData {
  cart: string[];
}

/** Everybody has a cart, signed in or not. */
@Controller('cart')
@Public()
export class CartController {
  @Get()
  show(@Session() session: Session<ShopData>): string[] {
    return session.cart ?? [];
  }

  @Post()
  add(@Session() session: Session<ShopData>, @Body('item') item: string): string[] {
    (session.cart ??= []).push(String(item));
    return session.cart;
  }
}
