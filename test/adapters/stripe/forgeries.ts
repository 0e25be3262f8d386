import fc from 'fast-check'
import { bytesOf, eventAbout, headerOf, sampleSecret, signatureOf } from './sample-events.ts'

export interface Forgery {
  readonly kind: string
  readonly body: Uint8Array
  readonly header: string | undefined
}

/** An event that Stripe really sent, at this second. */
export interface Genuine {
  readonly body: Uint8Array
  readonly signedAt: number
}

const hexDigits = '0123456789abcdef'

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  const index = Math.floor(bit / 8) % copy.length
  copy[index] = (copy[index] ?? 0) ^ (1 << (bit % 8))
  return copy
}

const anotherDigit = (text: string, index: number, by: number): string => {
  const at = index % text.length
  const digit = hexDigits[(hexDigits.indexOf(text.charAt(at)) + by) % hexDigits.length]
  return `${text.slice(0, at)}${digit}${text.slice(at + 1)}`
}

const beyondTolerance = fc.integer({ min: 301, max: 10 ** 9 })
const secret = fc.stringMatching(/^whsec_[0-9A-Za-z]{8,40}$/).filter((text) => text !== sampleSecret)

/** One way to make something that Stripe never sent of something that it did. */
const ways = (
  { body, signedAt }: Genuine,
  now: number,
): Readonly<Record<string, fc.Arbitrary<Omit<Forgery, 'kind'>>>> => {
  const signature = signatureOf(body, signedAt)
  const header = headerOf(body, signedAt)
  const bit = fc.nat({ max: body.length * 8 - 1 })
  return {
    'a bit of the body turned': bit.map((at) => ({ body: flipped(body, at), header })),
    'the body cut short': fc.nat({ max: body.length - 1 }).map((length) => ({ body: body.slice(0, length), header })),
    'something after the body': fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((more) => ({ body: Buffer.concat([body, more]), header })),
    'another body under the header': fc
      .string({ minLength: 1 })
      .map((id) => ({ body: bytesOf(eventAbout({ object: 'customer', id: `cus_${id}` })), header })),
    'a digit of the signature changed': fc
      .tuple(fc.nat({ max: 63 }), fc.integer({ min: 1, max: 15 }))
      .map(([index, by]) => ({ body, header: `t=${signedAt},v1=${anotherDigit(signature, index, by)}` })),
    'the signature cut short': fc
      .nat({ max: 63 })
      .map((length) => ({ body, header: `t=${signedAt},v1=${signature.slice(0, length)}` })),
    'signed with another secret': secret.map((own) => ({ body, header: headerOf(body, signedAt, own) })),
    'signed without a secret': fc.constant({ body, header: headerOf(body, signedAt, '') }),
    'signed without a time': fc.constant({ body, header: `t=${signedAt},v1=${signatureOf(body, 0)}` }),
    'another time under the signature': fc
      .integer({ min: -300, max: 300 })
      .filter((away) => away !== 0)
      .map((away) => ({ body, header: `t=${signedAt + away},v1=${signature}` })),
    'another scheme': fc
      .constantFrom('v0', 'v2', 'V1')
      .map((v) => ({ body, header: `t=${signedAt},${v}=${signature}` })),
    'an old one, rightly signed': beyondTolerance.map((away) => ({ body, header: headerOf(body, now - away) })),
    'one of the future, rightly signed': beyondTolerance.map((away) => ({ body, header: headerOf(body, now + away) })),
    'any header': fc.option(fc.string({ maxLength: 120 }), { nil: undefined }).map((any) => ({ body, header: any })),
  }
}

/** Something that Stripe sent, at a second near this one, and a forgery made of it. */
export const forgeryNear = (now: number): fc.Arbitrary<{ genuine: Genuine; forgery: Forgery }> =>
  fc
    .record({
      signedAt: fc.integer({ min: now - 300, max: now + 300 }),
      id: fc.stringMatching(/^[0-9A-Za-z]{1,30}$/),
      note: fc.string({ unit: 'binary', maxLength: 40 }),
    })
    .chain(({ signedAt, id, note }) => {
      const object = { object: 'subscription', id: `sub_${id}`, customer: 'cus_1', metadata: { note } }
      const genuine = { body: bytesOf(eventAbout(object, { id: `evt_${id}` })), signedAt }
      const kinds = Object.entries(ways(genuine, now))
      return fc.oneof(...kinds.map(([kind, way]) => way.map((made) => ({ genuine, forgery: { kind, ...made } }))))
    })
