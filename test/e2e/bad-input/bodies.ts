import { anyone, goodSignup, json, type Row, row, signup } from './row.ts'

const largestBody = 16 * 1024

export const bodies: readonly Row[] = [
  row('malformed JSON', [400, 'malformed-body'], signup('{"email":'), { corrected: goodSignup() }),
  row('two JSON values', [400, 'malformed-body'], signup('{}{}')),
  row('no body', [400, 'malformed-body'], signup(undefined), { corrected: goodSignup() }),
  row('bytes that are no text', [400, 'malformed-body'], signup(Buffer.from([0xff, 0xfe, 0x7b]))),
  row('__proto__', [400, 'malformed-body'], signup(`{"email":"${anyone()}","__proto__":{"a":1}}`)),
  row(
    'a constructor with a prototype',
    [400, 'malformed-body'],
    signup(`{"email":"${anyone()}","constructor":{"prototype":{"a":1}}}`),
  ),
  row('null', [400, 'invalid-request'], signup('null')),
  row('a list', [400, 'invalid-request'], signup([])),
  row('a string', [400, 'invalid-request'], signup('"text"')),
  row('an empty object', [400, 'invalid-request', 'email'], signup({})),
  row('an unknown field', [400, 'invalid-request', 'admin'], signup({ email: anyone(), admin: true })),
  row(
    'an unknown field deeper down',
    [400, 'invalid-request', 'proof.secret'],
    signup({ email: anyone(), proof: { secret: 'y' } }),
  ),
  row('a name that is a number', [400, 'invalid-request', 'name'], signup({ email: anyone(), name: 7 })),
  row(
    'a name with a line break',
    [400, 'invalid-request', 'name'],
    signup({ email: anyone(), name: 'Ada\r\nBcc: eve@example.com' }),
    { corrected: [signup({ email: anyone(), name: 'Ada' }), 201] },
  ),
  row('an empty name', [400, 'invalid-request', 'name'], signup({ email: anyone(), name: '  ' })),
  row(
    'terms accepted as a text',
    [400, 'invalid-request', 'acceptedTerms'],
    signup({ email: anyone(), acceptedTerms: 'yes' }),
  ),
  row('no content type', [415, 'unsupported-media-type'], signup(JSON.stringify({ email: anyone() }), {}), {
    corrected: goodSignup(),
  }),
  row(
    'a form',
    [415, 'unsupported-media-type'],
    signup('email=ada', { 'content-type': 'application/x-www-form-urlencoded' }),
  ),
  row(
    'JSON said to be text',
    [415, 'unsupported-media-type'],
    signup(JSON.stringify({ email: anyone() }), { 'content-type': 'text/plain' }),
  ),
  row(
    'a body one byte too long',
    [413, 'payload-too-large'],
    signup(JSON.stringify({ email: anyone() }).padEnd(largestBody + 1)),
    { corrected: [signup(JSON.stringify({ email: anyone() }).padEnd(largestBody)), 201] },
  ),
  row(
    'a body too long that does not say its length',
    [413, 'payload-too-large'],
    signup(JSON.stringify({ email: anyone() }).padEnd(largestBody + 1), { ...json, 'transfer-encoding': 'chunked' }),
    {
      corrected: [
        signup(JSON.stringify({ email: anyone() }).padEnd(largestBody), { ...json, 'transfer-encoding': 'chunked' }),
        201,
      ],
    },
  ),
]

/** What an address is has a test of its own: test/lambdas/signup/email-table.test.ts. */
const wrongAddresses: readonly unknown[] = [
  'ada',
  'ada@example.com\r\nBcc: eve@example.com',
  null,
  { address: 'ada@example.com' },
]

export const addresses: readonly Row[] = wrongAddresses.map((wrong) =>
  row(
    `the address ${JSON.stringify(wrong).slice(0, 60)}`,
    [400, 'invalid-request', 'email'],
    signup({ email: wrong }),
    { corrected: goodSignup() },
  ),
)
