import type { Row } from './row.ts'
import { anyone, goodSignup, json, signup } from './row.ts'

const largestBody = 16 * 1024

export const bodies: readonly Row[] = [
  {
    name: 'malformed JSON',
    request: signup('{"email":'),
    status: 400,
    type: 'malformed-body',
    corrected: goodSignup(),
  },
  { name: 'two JSON values', request: signup('{}{}'), status: 400, type: 'malformed-body' },
  { name: 'no body', request: signup(undefined), status: 400, type: 'malformed-body', corrected: goodSignup() },
  {
    name: 'bytes that are no text',
    request: signup(Buffer.from([0xff, 0xfe, 0x7b])),
    status: 400,
    type: 'malformed-body',
  },
  {
    name: '__proto__',
    request: signup(`{"email":"${anyone()}","__proto__":{"a":1}}`),
    status: 400,
    type: 'malformed-body',
  },
  {
    name: 'a constructor with a prototype',
    request: signup(`{"email":"${anyone()}","constructor":{"prototype":{"a":1}}}`),
    status: 400,
    type: 'malformed-body',
  },
  { name: 'null', request: signup('null'), status: 400, type: 'invalid-request' },
  { name: 'a list', request: signup([]), status: 400, type: 'invalid-request' },
  { name: 'a string', request: signup('"text"'), status: 400, type: 'invalid-request' },
  { name: 'an empty object', request: signup({}), status: 400, type: 'invalid-request', field: 'email' },
  {
    name: 'an unknown field',
    request: signup({ email: anyone(), admin: true }),
    status: 400,
    type: 'invalid-request',
    field: 'admin',
  },
  {
    name: 'an unknown field deeper down',
    request: signup({ email: anyone(), proof: { secret: 'y' } }),
    status: 400,
    type: 'invalid-request',
    field: 'proof.secret',
  },
  {
    name: 'a name that is a number',
    request: signup({ email: anyone(), name: 7 }),
    status: 400,
    type: 'invalid-request',
    field: 'name',
  },
  {
    name: 'a name with a line break',
    request: signup({ email: anyone(), name: 'Ada\r\nBcc: eve@example.com' }),
    status: 400,
    type: 'invalid-request',
    field: 'name',
    corrected: [signup({ email: anyone(), name: 'Ada' }), 201],
  },
  {
    name: 'an empty name',
    request: signup({ email: anyone(), name: '  ' }),
    status: 400,
    type: 'invalid-request',
    field: 'name',
  },
  {
    name: 'terms accepted as a text',
    request: signup({ email: anyone(), acceptedTerms: 'yes' }),
    status: 400,
    type: 'invalid-request',
    field: 'acceptedTerms',
  },
  {
    name: 'no content type',
    request: signup(JSON.stringify({ email: anyone() }), {}),
    status: 415,
    type: 'unsupported-media-type',
    corrected: goodSignup(),
  },
  {
    name: 'a form',
    request: signup('email=ada', { 'content-type': 'application/x-www-form-urlencoded' }),
    status: 415,
    type: 'unsupported-media-type',
  },
  {
    name: 'JSON said to be text',
    request: signup(JSON.stringify({ email: anyone() }), { 'content-type': 'text/plain' }),
    status: 415,
    type: 'unsupported-media-type',
  },
  {
    name: 'a body one byte too long',
    request: signup(JSON.stringify({ email: anyone() }).padEnd(largestBody + 1)),
    status: 413,
    type: 'payload-too-large',
    corrected: [signup(JSON.stringify({ email: anyone() }).padEnd(largestBody)), 201],
  },
  {
    name: 'a body too long that does not say its length',
    request: signup(JSON.stringify({ email: anyone() }).padEnd(largestBody + 1), {
      ...json,
      'transfer-encoding': 'chunked',
    }),
    status: 413,
    type: 'payload-too-large',
    corrected: [
      signup(JSON.stringify({ email: anyone() }).padEnd(largestBody), { ...json, 'transfer-encoding': 'chunked' }),
      201,
    ],
  },
]

const wrongAddresses: readonly unknown[] = [
  '',
  ' ',
  'ada',
  'ada@',
  '@example.com',
  'ada@example',
  'ada@@example.com',
  'ada@example..com',
  'ada l@example.com',
  'ada@example-.com',
  `${'a'.repeat(65)}@example.com`,
  'ada@example.com,eve@example.com',
  'ada@example.com\r\nBcc: eve@example.com',
  'Ada <ada@example.com>',
  'ada@[127.0.0.1]',
  'ada@exa_mple.com',
  `${'a'.repeat(250)}@example.com`,
  null,
  42,
  ['ada@example.com'],
  { address: 'ada@example.com' },
]

export const addresses: readonly Row[] = wrongAddresses.map((wrong) => ({
  name: `the address ${JSON.stringify(wrong).slice(0, 60)}`,
  request: signup({ email: wrong }),
  status: 400,
  type: 'invalid-request',
  field: 'email',
  corrected: goodSignup(),
}))
