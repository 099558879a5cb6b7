export { clientNetwork } from 'nest-gatehouse/session';
