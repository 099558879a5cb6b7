const SIZE = 300;
const FIELDS = {
  name: 'Ada',
  locale: 'en-GB',
  theme: 'dark',
  visits: 0,
  cart: [{ sku: 'A-1001', count: 2 }],
  padding: '',
};

/** What every session holds when it is opened: 300 bytes of JSON. */
export const SESSION_VALUES = { ...FIELDS, padding: 'x'.repeat(SIZE - JSON.stringify(FIELDS).length) };
