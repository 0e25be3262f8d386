import { Stripe } from 'stripe'
import { describe, expect, it } from 'vitest'
import { createWebhookSignatures } from '../../../adapters/stripe/webhook-signatures.ts'
import { bytesOf, eventAbout, headerOf, sampleEvent, sampleSecret, sampleSite, signatureOf } from './sample-events.ts'

const now = 1_793_000_000
const clock = () => new Date(now * 1000).toISOString()
const other = 'whsec_another0123456789'

const open = (secrets: readonly string[] = [sampleSecret]) => createWebhookSignatures({ secrets, clock })
const body = bytesOf(sampleEvent())
const refused = expect.objectContaining({ kind: 'WebhookRefused' })

describe('the signature of an event', () => {
  it('is trusted as Stripe’s own client makes it', () => {
    const header = Stripe.webhooks.generateTestHeaderString({
      payload: Buffer.from(body).toString(),
      secret: sampleSecret,
      timestamp: now,
    })
    expect(open().verify(body, header)).toEqual({
      id: 'evt_1Sample',
      type: 'customer.subscription.updated',
      isLive: false,
      customerId: 'cus_1',
      subscriptionId: 'sub_1',
      siteId: sampleSite,
    })
  })

  it.each([-300, -1, 0, 1, 300])('is trusted %d seconds from now', (away) => {
    expect(open().verify(body, headerOf(body, now + away)).id).toBe('evt_1Sample')
  })

  it.each([-301, -86_400, 301, 86_400, 10 ** 10])('is refused %d seconds from now', (away) => {
    expect(() => open().verify(body, headerOf(body, now + away))).toThrow(refused)
  })

  it('is trusted with either secret during a rotation, and with no foreign secret', () => {
    const rolling = open([other, sampleSecret])
    const both = `t=${now},v1=${signatureOf(body, now, 'whsec_foreign')},v1=${signatureOf(body, now, other)}`
    expect(rolling.verify(body, both).id).toBe('evt_1Sample')
    expect(rolling.verify(body, headerOf(body, now)).id).toBe('evt_1Sample')
    expect(() => open([other]).verify(body, headerOf(body, now))).toThrow(refused)
  })

  it('covers the exact bytes: an equivalent body is another', () => {
    const spaced = Buffer.from(JSON.stringify(sampleEvent(), undefined, 1))
    expect(() => open().verify(spaced, headerOf(body, now))).toThrow(refused)
  })

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['without a time', `v1=${signatureOf(body, now)}`],
    ['without a signature', `t=${now}`],
    ['of another scheme', `t=${now},v0=${signatureOf(body, now)}`],
    ['with two times', `t=${now},t=${now},v1=${signatureOf(body, now)}`],
    ['with a time that is none', `t=now,v1=${signatureOf(body, now)}`],
    ['with a time of fractions', `t=${now}.5,v1=${signatureOf(body, now)}`],
    ['with half a signature', `t=${now},v1=${signatureOf(body, now).slice(0, 32)}`],
    ['in capitals', `t=${now},v1=${signatureOf(body, now).toUpperCase()}`],
    ['endless', `t=${now},v1=${signatureOf(body, now)}${',v1=0'.repeat(1000)}`],
  ])('is refused when its header is %s', (_, header) => {
    expect(() => open().verify(body, header)).toThrow(refused)
  })

  it.each([[[]], [['']], [[sampleSecret, '']], [[' ']], [['sk_test_1234']]])(
    'needs secrets: %j is refused',
    (secrets) => {
      expect(() => open(secrets)).toThrow('The secrets of Stripe’s webhook are missing')
    },
  )

  it('tells nobody a secret', () => {
    expect(() => open([sampleSecret, 'sk_live_secret'])).not.toThrow('sk_live_secret')
    expect(() => open([sampleSecret, 'sk_live_secret'])).toThrow()
  })
})

describe('a body that Stripe signed', () => {
  it.each([
    ['no JSON', Buffer.from('event')],
    ['nothing', Buffer.from('')],
    ['cut JSON', body.slice(0, -1)],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['null', Buffer.from('null')],
    ['a list', Buffer.from('[]')],
    ['another object', bytesOf({ ...sampleEvent(), object: 'v2.core.event' })],
    ['an event without data', bytesOf({ ...sampleEvent(), data: undefined })],
    ['an event with an id of its own making', bytesOf({ ...sampleEvent(), id: 'evt_1#SITE' })],
    ['an event with an endless customer', bytesOf(eventAbout({ object: 'charge', customer: 'c'.repeat(300) }))],
  ])('is refused when it is %s', (_, signed) => {
    expect(() => open().verify(signed, headerOf(signed, now))).toThrow(refused)
  })

  const noticeOf = (object: object, change: object = {}) => {
    const signed = bytesOf(eventAbout(object, change))
    const { id: _, type: __, ...notice } = open().verify(signed, headerOf(signed, now))
    return notice
  }

  it.each([
    ['a customer', { object: 'customer', id: 'cus_2' }, { customerId: 'cus_2' }],
    [
      'a checkout',
      {
        object: 'checkout.session',
        id: 'cs_1',
        customer: 'cus_1',
        subscription: 'sub_1',
        metadata: { siteId: sampleSite },
      },
      { customerId: 'cus_1', subscriptionId: 'sub_1', siteId: sampleSite },
    ],
    [
      'an invoice, which names its subscription as its parent',
      {
        object: 'invoice',
        id: 'in_1',
        customer: 'cus_1',
        metadata: {},
        parent: { subscription_details: { subscription: 'sub_1', metadata: { siteId: sampleSite } } },
      },
      { customerId: 'cus_1', subscriptionId: 'sub_1', siteId: sampleSite },
    ],
    [
      'objects in place of ids',
      { object: 'charge', customer: { id: 'cus_3', object: 'customer' } },
      { customerId: 'cus_3' },
    ],
    ['a dispute', { object: 'dispute', id: 'dp_1', charge: 'ch_1', metadata: {} }, { disputeId: 'dp_1' }],
    ['nobody', { object: 'payment_intent', id: 'pi_1', customer: null }, {}],
    ['somebody else’s site', { object: 'charge', metadata: { siteId: '12', order: '7' } }, {}],
    ['odd metadata', { object: 'charge', customer: 'cus_1', metadata: 'none' }, { customerId: 'cus_1' }],
  ])('may be about %s', (_, object, expected) => {
    expect(noticeOf(object)).toEqual({ isLive: false, ...expected })
  })

  it('says whether real money is meant', () => {
    expect(noticeOf({ object: 'balance' }, { livemode: true })).toEqual({ isLive: true })
  })
})
