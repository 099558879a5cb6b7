import { MySessionsService } from 'nest-gatehouse/auth';

// Loaded before the reference server: two routes fail in ways that nobody has foreseen.
MySessionsService.prototype.list = () => {
  throw new TypeError('cannot read fault-6e21 of undefined');
};
MySessionsService.prototype.endOthers = () =>
  Promise.reject({ password: 'thrown-52ad', toString: () => 'thrown-52ad' });
