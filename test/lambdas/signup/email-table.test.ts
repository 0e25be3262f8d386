import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalEmail, emailHash, normalEmail, senderIn, senderSchema } from '../../../core/email.ts'

const a = (length: number): string => 'a'.repeat(length)

/**
 * What others test with. HTML's rule decides where the tables differ.
 * WebKit: LayoutTests/fast/forms/ValidityState-typeMismatch-email.html. validator.js: test/validators/isEmail.test.js.
 * Web Platform Tests: html/semantics/forms/the-input-element/email.html.
 */
const valid: readonly (readonly [given: string, normal?: string])[] = [
  // WebKit
  ['something@something.com'],
  ['someone@localhost.localdomain'],
  ['a@b.b'],
  ['a/b@domain.com'],
  ['{}@domain.com'],
  ["m*'!%@something.sa"],
  ['tu!!7n7.ad##0!!!@company.ca'],
  ['%@com.com'],
  ["!#$%&'*+/=?^_`{|}~.-@com.com"],
  ['.wooly@example.com'],
  ['wo..oly@example.com'],
  ['someone@do-ma-in.com'],
  // validator.js
  ['foo@bar.com'],
  ['x@x.au'],
  ['foo+bar@bar.com.au'],
  ['hans@m端ller.com', 'hans@xn--mller-es7m.com'],
  ['test|123@m端ller.com', 'test|123@xn--mller-es7m.com'],
  [
    'some.name.midd.leNa.me.and.locality+extension@GoogleMail.com',
    'some.name.midd.leNa.me.and.locality+extension@googlemail.com',
  ],
  [`${a(64)}@${a(63)}.com`],
  ['test@1337.com'],
  // It refuses this one; a browser reads the domain as gmail.com.
  ['somename@ｇｍａｉｌ.com', 'somename@gmail.com'],
  // Web Platform Tests: the value is stripped of line breaks and spaces around it.
  ['user2@example.com\n', 'user2@example.com'],
  ['  user@example.com  ', 'user@example.com'],
  // The reports.
  ['user@xn--80a1acny.xn--p1ai'],
  ['user@почта.рф', 'user@xn--80a1acny.xn--p1ai'],
  ['r&d@example.org'],
  ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
  ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
  ['ada@bücher。example', 'ada@xn--bcher-kva.example'],
  ['Ada@XN--BCHER-KVA.Example', 'Ada@xn--bcher-kva.example'],
]

const invalid: readonly string[] = [
  // WebKit
  'invalid:email@example.com',
  '@somewhere.com',
  'example.com',
  '@@example.com',
  'a space@example.com',
  'something@ex..ample.com',
  'a\b@c',
  'someone@somewhere.com.',
  '""test\blah""@example.com',
  // WebKit's table of 2009 takes these three; HTML's rule has no hyphen at the end of a label since 2012.
  'ddjk-s-jk@asl-.com',
  'someone@do-.com',
  'somebody@-.com',
  // HTML takes these two. No mail server on the Internet is reached so (RFC 5321, 4.1.3; RFC 7085).
  'someone@127.0.0.1',
  'ada@localhost',
  // validator.js
  'invalidemail@',
  'foo@_bar.com',
  'ｇｍａｉｌ@gmail.com',
  'hans.m端ller@test.com',
  `${a(64)}@${a(251)}.com`,
  `${a(65)}@${a(250)}.com`,
  `${a(64)}@${a(64)}.com`,
  `${a(64)}@${a(63)}.${a(63)}.${a(63)}.${a(58)}.com`,
  'test1@invalid.co m',
  'test12@invalid.co　m',
  'test123+invalid! sub_address@gmail.com',
  'wrong()[]",:;<>@@gmail.com',
  'username@domain.com\uFFFD',
  'nbsp\u00A0test@test.com',
  'nbsp_test@te\u00A0st.com',
  '"foobar@gmail.com',
  '"foobar"@example.com',
  'email@[123.123.123.123]',
  '\uD800@example.com',
  'ada@exam\uD800ple.com',
  // The reports.
  'ada@example-.org',
  `${a(65)}@example.org`,
  // No domain, though a URL may hold it.
  'ada@0x7f.1',
  'ada@example.org/path',
  'ada@example.org:25',
  'ada@exam%70le.org',
  'ada@exam\tple.org',
  'ada@example.org, eve@example.org',
  '',
]

describe('an e-mail address', () => {
  it.each(valid.map(([given, normal = given]) => [given, normal]))('takes %j', (given, normal) => {
    expect(normalEmail(given)).toBe(normal)
  })

  it.each(invalid)('refuses %j', (given) => {
    expect(normalEmail(given)).toBeUndefined()
  })

  it('is one person in each spelling of its domain', () => {
    expect(
      new Set(['ada@bücher.example', ' ADA@BÜCHER.EXAMPLE ', 'ada@xn--bcher-kva.example'].map(emailHash)).size,
    ).toBe(1)
    expect(canonicalEmail('A.da+news@ｇｍａｉｌ.com')).toBe('ada@gmail.com')
  })

  it('is stable, within the limits, and a single recipient, whatever is typed', () => {
    const piece = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 70 }), fc.domain(), fc.emailAddress())
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 3 }), fc.constantFrom('', '@', '.'), (pieces, by) => {
        const normal = normalEmail(pieces.join(by))
        if (normal === undefined) return
        expect(normalEmail(normal)).toBe(normal)
        expect(Buffer.byteLength(normal)).toBeLessThanOrEqual(254)
        const [local = '', domain = ''] = normal.split('@')
        expect(local.length).toBeLessThanOrEqual(64)
        for (const label of domain.split('.')) expect(label).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      }),
    )
  })
})

describe('a sender', () => {
  it.each([
    ['no-reply@acme.example', '', 'no-reply@acme.example'],
    ['Acme <no-reply@acme.example>', 'Acme', 'no-reply@acme.example'],
    ['"Acme, Inc." <no-reply@acme.example>', 'Acme, Inc.', 'no-reply@acme.example'],
    ['Bücher<post@bücher.example>', 'Bücher', 'post@xn--bcher-kva.example'],
  ])('reads %j', (given, name, address) => {
    expect(senderSchema.safeParse(given).success).toBe(true)
    expect(senderIn(given)).toEqual({ name, address })
  })

  it.each([
    'Acme',
    'Acme <>',
    'Acme <no-reply>',
    'Acme no-reply@acme.example',
    'A <a@b.example> <c@d.example>',
    'A\r\nBcc: x <a@b.example>',
  ])('refuses %j', (given) => {
    expect(senderSchema.safeParse(given).success).toBe(false)
  })
})
