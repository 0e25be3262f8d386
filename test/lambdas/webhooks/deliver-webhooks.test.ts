import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DomainEvent } from '../../../core/events/event.ts'
import { changeEndpoint, deleteEndpoint, redeliver } from '../../../lambdas/webhooks/change-endpoint.ts'
import { deliverWebhooks } from '../../../lambdas/webhooks/deliver-webhooks.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { type WebhookScene, webhookScene } from './webhook-scene.ts'

const minute = 60_000
const day = 24 * 60 * minute

let crm: WebhookScene
beforeAll(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterAll(() => vi.useRealTimers())
beforeEach(async () => {
  crm = await webhookScene()
})

/** Sweeps each minute of some days. */
const pass = async (milliseconds: number, step = 60 * minute) => {
  for (let passed = 0; passed < milliseconds; passed += step) {
    crm.turn(step)
    await crm.sweep()
  }
}

describe('an endpoint', () => {
  it('gets an event at once, with the address of its owner, and no log of it', async () => {
    const endpoint = await crm.addEndpoint()
    const event = crm.accountOpened()
    await crm.deliver(event)
    expect(crm.received).toMatchObject([
      {
        body: {
          type: 'account.created',
          timestamp: event.at,
          data: { account: { id: event.aggregate.id, email: 'person-1@example.com' } },
        },
      },
    ])
    expect(await crm.pending()).toEqual([])
    const { items } = await crm.store.webhookLog.page(endpoint.id, { limit: 10 })
    expect(items).toMatchObject([{ number: 1, answer: { status: 204 } }])
    expect(JSON.stringify(items)).not.toContain('@example.com')
  })

  it.each([
    ['the name and address of a site, as they are now', {}, true],
    ['neither of a site that somebody else has now', { accountId: 'acct_01jq3v5k8m0000000000000009' }, false],
    ['neither once its owner is erased, before the site is', undefined, false],
  ] as const)('gets %s', async (_, other, isTold) => {
    await crm.addEndpoint()
    const { accountId } = siteSamples.active.ownership
    const [id, ownership] = [siteSamples.active.id, { ...siteSamples.active.ownership, ...other }]
    if (other !== undefined) crm.people.set(accountId, 'ada@example.com')
    const ports = { ...crm.ports, sites: { get: async () => ({ ...siteSamples.active, ownership }) } }
    const data = { status: 'suspended', plan: 'trial', accountId, because: 'operator' }
    const event = { ...crm.accountOpened(), type: 'SiteSuspended', aggregate: { type: 'site', id }, data }
    await deliverWebhooks(ports, event as DomainEvent)
    const told = isTold ? { name: ownership.name, url: `http://${ownership.hostname}` } : { name: null, url: null }
    expect(crm.received).toMatchObject([{ body: { data: { site: { id, ...told } } } }])
  })

  it('gets only the types that it asked for', async () => {
    await crm.addEndpoint(['person.erased'])
    await crm.deliver(crm.accountOpened())
    expect(crm.received).toEqual([])
    expect(await crm.pending()).toEqual([])
  })

  it('that answers 500 for a day gets what it missed', async () => {
    await crm.addEndpoint()
    crm.scene.answer = () => ({ status: 500, text: 'person-1@example.com is unknown' })
    await crm.deliver(crm.accountOpened())
    await pass(day)
    expect(crm.received.length).toBeGreaterThan(5)
    expect(crm.received.length).toBeLessThan(10)
    crm.scene.answer = () => ({ status: 200, text: '' })
    await pass(day)
    expect(new Set(crm.received.map(({ id }) => id)).size).toBe(1)
    expect(crm.received.at(-1)?.answer).toEqual({ status: 200, text: '' })
    expect(await crm.pending()).toEqual([])
    expect(crm.mails).toEqual([])
    const [endpoint] = await crm.store.webhookEndpoints.list()
    const { items } = await crm.store.webhookLog.page(endpoint?.id ?? 'hook_', { limit: 100 })
    expect(items.at(-1)?.answer).toEqual({ status: 500, text: '[address] is unknown' })
  })

  it('that refuses one webhook for three days gets the others; the log keeps that one, and its operators get a mail', async () => {
    const endpoint = await crm.addEndpoint()
    const refused = crm.accountOpened()
    crm.scene.answer = (body) => ({ status: body.includes(refused.aggregate.id) ? 400 : 204, text: '' })
    await crm.deliver(refused)
    await pass(day)
    await crm.deliver(crm.accountOpened())
    await pass(3 * day)
    expect(await crm.pending()).toEqual([])
    expect(await crm.store.webhookEndpoints.read(endpoint.id)).not.toHaveProperty('disabled')
    expect(crm.mails).toMatchObject([{ to: 'ops@example.com', subject: 'crm.example.com refuses a webhook' }])
    expect(crm.mails[0]?.text).toContain(refused.aggregate.id)
    expect(JSON.stringify(crm.mails)).not.toContain('key=')
    const { items } = await crm.store.webhookLog.page(endpoint.id, { limit: 1 })
    expect(items).toMatchObject([{ message: { accountId: refused.aggregate.id }, answer: { status: 400 } }])
    crm.scene.answer = () => ({ status: 204, text: '' })
    await redeliver(crm.managing, endpoint.id, items[0]?.id ?? '')
    await crm.sweep()
    expect(crm.received.at(-1)).toMatchObject({ id: items[0]?.message.id, answer: { status: 204 } })
  })

  it('that fails for three days is disabled, its operators get one mail, and the rest can be sent by hand', async () => {
    const endpoint = await crm.addEndpoint()
    // A success before does not count.
    await crm.deliver(crm.accountOpened())
    crm.turn(minute)
    crm.scene.answer = () => ({ failure: 'silent' })
    await crm.deliver(crm.accountOpened())
    await pass(2 * day)
    await crm.deliver(crm.accountOpened())
    await pass(4 * day)
    expect(await crm.store.webhookEndpoints.read(endpoint.id)).toMatchObject({ disabled: { because: 'failing' } })
    expect(crm.mails).toMatchObject([{ to: 'ops@example.com', subject: 'Webhooks to crm.example.com are disabled' }])
    expect(JSON.stringify(crm.mails)).not.toContain('key=')
    expect(await crm.pending()).toEqual([])
    const missed = crm.accountOpened()
    await crm.deliver(missed)
    expect(await crm.pending()).toEqual([])

    const { items } = await crm.store.webhookLog.page(endpoint.id, { limit: 1 })
    expect(items[0]?.message).toMatchObject({ accountId: missed.aggregate.id })
    expect(items).toMatchObject([{ answer: { failure: 'disabled' } }])
    const again = () => redeliver(crm.managing, endpoint.id, items[0]?.id ?? '')
    await expect(again()).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    await changeEndpoint(crm.managing, endpoint.id, { enabled: true })
    crm.scene.answer = () => ({ status: 200, text: '' })
    const id = await again()
    await crm.sweep()
    expect(crm.received.at(-1)).toMatchObject({ id, answer: { status: 200 } })
    expect(await crm.pending()).toEqual([])
  })

  it('that was not tried for days, since the host was off, is tried five times before it is disabled', async () => {
    const endpoint = await crm.addEndpoint()
    crm.scene.answer = () => ({ failure: 'unknown' })
    await crm.deliver(crm.accountOpened())
    crm.turn(4 * day)
    await crm.sweep()
    expect(crm.received).toHaveLength(2)
    expect(await crm.store.webhookEndpoints.read(endpoint.id)).not.toHaveProperty('disabled')
    await pass(day)
    expect(crm.received).toHaveLength(5)
    expect(await crm.store.webhookEndpoints.read(endpoint.id)).toMatchObject({ disabled: { because: 'failing' } })
  })

  it('that is repaired gets at once what would wait for hours, when an operator sends it again', async () => {
    const endpoint = await crm.addEndpoint()
    crm.scene.answer = () => ({ failure: 'silent' })
    await crm.deliver(crm.accountOpened())
    await pass(day)
    const [waiting] = await crm.pending()
    crm.scene.answer = () => ({ status: 200, text: '' })
    const { items } = await crm.store.webhookLog.page(endpoint.id, { limit: 1 })
    const id = await redeliver(crm.managing, endpoint.id, items[0]?.id ?? '')
    expect(id).toBe(waiting)
    await crm.sweep()
    expect(crm.received.at(-1)).toMatchObject({ id, answer: { status: 200 } })
    expect(await crm.pending()).toEqual([])
  })

  it('that answers 410 is disabled at once', async () => {
    const endpoint = await crm.addEndpoint()
    crm.scene.answer = () => ({ status: 410, text: '' })
    await crm.deliver(crm.accountOpened())
    expect(await crm.store.webhookEndpoints.read(endpoint.id)).toMatchObject({ disabled: { because: 'gone' } })
    expect(crm.mails).toHaveLength(1)
  })

  it('that an operator disables during an attempt stays so, without a mail about failures', async () => {
    const endpoint = await crm.addEndpoint()
    const send = async () => {
      await changeEndpoint(crm.managing, endpoint.id, { enabled: false })
      return { status: 410, text: '' }
    }
    Object.assign(crm.ports, { webhookSender: { send } })
    await crm.deliver(crm.accountOpened())
    expect(await crm.store.webhookEndpoints.read(endpoint.id)).toMatchObject({ disabled: { because: 'operator' } })
    expect(crm.mails).toEqual([])
  })

  it('that fails does not hold up the others of a sweep', async () => {
    await crm.addEndpoint()
    crm.scene.answer = () => ({ failure: 'silent' })
    for (let count = 0; count < 40; count += 1) await crm.deliver(crm.accountOpened())
    crm.received.length = 0
    crm.turn(2 * minute)
    await crm.sweep()
    // As many as are sent at the same time.
    expect(crm.received.length).toBe(10)
    expect(await crm.pending()).toHaveLength(40)
  })

  it('that is for marketing gets what is about people who agreed to it, each withdrawal and each erasure', async () => {
    await crm.addEndpoint([], true)
    const [silent, agreed, leaving] = [crm.accountOpened(), crm.accountOpened(), crm.accountOpened()]
    for (const { aggregate } of [agreed, leaving]) crm.consenting.add(aggregate.id)
    crm.closing.add(leaving.aggregate.id)
    for (const event of [silent, agreed, leaving]) await crm.deliver(event)
    crm.consenting.delete(agreed.aggregate.id)
    await crm.deliver({ ...agreed, type: 'MarketingConsentWithdrawn', version: 2, data: {} } as never)
    await crm.deliver({ ...silent, type: 'AccountErased', version: 3, data: {} } as never)
    expect(crm.received.map(({ body }) => body)).toMatchObject([
      { type: 'account.created', data: { account: { id: agreed.aggregate.id, marketingConsent: true } } },
      { type: 'consent.withdrawn', data: { account: { email: null, marketingConsent: false } } },
      { type: 'person.erased', data: { account: { id: silent.aggregate.id, marketingConsent: false } } },
    ])
    expect(await crm.pending()).toEqual([])
  })

  it('that is for marketing learns from the closing of an account that the consent ended, without the address, and from its reopening that it counts', async () => {
    await crm.addEndpoint(['account.created'], true)
    const opened = crm.accountOpened()
    crm.consenting.add(opened.aggregate.id)
    await crm.deliver(opened)
    crm.closing.add(opened.aggregate.id)
    await crm.deliver({ ...opened, type: 'AccountClosed', version: 2, data: {} } as never)
    const reopened = { ...opened, type: 'AccountReopened', version: 3, data: {} } as never
    await crm.deliver(reopened)
    crm.closing.delete(opened.aggregate.id)
    await crm.deliver(reopened)
    expect(crm.received.map(({ body }) => body)).toMatchObject([
      { type: 'account.created', data: { account: { email: 'person-1@example.com' } } },
      { type: 'account.closed', data: { account: { email: null, marketingConsent: false } } },
      { type: 'account.reopened', data: { account: { email: 'person-1@example.com', marketingConsent: true } } },
    ])
  })

  it('that gets addresses is asked to stop whatever types it chose; one that gets erasures alone gets no address', async () => {
    await crm.addEndpoint(['account.created'])
    const opened = crm.accountOpened()
    const withdrawn = { ...opened, type: 'MarketingConsentWithdrawn', version: 2, data: {} } as never
    const erased = { ...opened, type: 'AccountErased', version: 3, data: {} } as never
    for (const event of [opened, withdrawn, erased]) await crm.deliver(event)
    expect(crm.received.map(({ body: { type } }) => type)).toEqual([
      'account.created',
      'consent.withdrawn',
      'person.erased',
    ])
    const [endpoint] = await crm.store.webhookEndpoints.list()
    await changeEndpoint(crm.managing, endpoint?.id ?? '', { types: ['person.erased'] })
    for (const event of [opened, withdrawn, erased]) await crm.deliver(event)
    expect(crm.received.slice(3).map(({ body: { type } }) => type)).toEqual(['person.erased'])
  })

  it.each([
    ['operator', 'AccountErased', 'person.erased'],
    ['gone', 'AccountErased', 'person.erased'],
    ['failing', 'AccountErased', 'person.erased'],
    ['operator', 'AccountReopened', 'account.reopened'],
  ])('that was disabled (%s) is asked to stop, or to go on, once it is enabled: %s', async (because, event, type) => {
    const endpoint = await crm.addEndpoint([], type === 'account.reopened')
    const opened = crm.accountOpened()
    crm.consenting.add(opened.aggregate.id)
    if (because === 'operator') await changeEndpoint(crm.managing, endpoint.id, { enabled: false })
    crm.scene.answer = () => (because === 'gone' ? { status: 410, text: '' } : { failure: 'silent' })
    await crm.deliver({ ...opened, type: event, version: 3, data: {} } as never)
    await pass(5 * day, 240 * minute)
    expect(await crm.store.webhookEndpoints.read(endpoint.id)).toMatchObject({ disabled: { because } })
    expect(crm.mails).toHaveLength(because === 'operator' ? 0 : 1)
    expect(await crm.pending()).toHaveLength(1)
    await changeEndpoint(crm.managing, endpoint.id, { enabled: true })
    crm.scene.answer = () => ({ failure: 'silent' })
    await pass(360 * minute, 120 * minute)
    crm.scene.answer = () => ({ status: 204, text: '' })
    await pass(day, 360 * minute)
    expect(crm.received.at(-1)).toMatchObject({ body: { type }, answer: { status: 204 } })
    expect(await crm.pending()).toEqual([])
  })

  it('that is deleted while it is disabled is asked nothing more', async () => {
    const endpoint = await crm.addEndpoint()
    await changeEndpoint(crm.managing, endpoint.id, { enabled: false })
    await crm.deliver({ ...crm.accountOpened(), type: 'AccountErased', version: 3, data: {} } as never)
    await deleteEndpoint(crm.managing, endpoint.id)
    await pass(120 * minute)
    expect(await crm.pending()).toEqual([])
  })

  it('is told that a person is erased, without the address', async () => {
    await crm.addEndpoint()
    const opened = crm.accountOpened()
    await crm.deliver({ ...opened, type: 'AccountErased', version: 3, data: {} } as never)
    expect(crm.received.map(({ body }) => body)).toMatchObject([
      { type: 'person.erased', data: { account: { id: opened.aggregate.id, email: null } } },
    ])
  })

  it('gets a webhook that an attempt was lost with, after a minute', async () => {
    await crm.addEndpoint()
    const { send } = crm.ports.webhookSender
    const lost = vi.spyOn(crm.ports.webhookSender, 'send').mockImplementationOnce(async (call) => {
      await send(call)
      throw new Error('gone')
    })
    await crm.deliver(crm.accountOpened())
    expect(lost).toHaveBeenCalled()
    expect(await crm.pending()).toHaveLength(1)
    await crm.sweep()
    expect(crm.received).toHaveLength(1)
    crm.turn(minute)
    await crm.sweep()
    expect(crm.received).toHaveLength(2)
    expect(await crm.pending()).toEqual([])
  })
})

describe('a sweep', () => {
  it('fails at the end if some webhooks could not be sent, and sends the others', async () => {
    await crm.addEndpoint()
    crm.scene.answer = () => ({ failure: 'silent' })
    await crm.deliver(crm.accountOpened())
    crm.turn(1)
    await crm.deliver(crm.accountOpened())
    crm.scene.answer = () => ({ status: 204, text: '' })
    crm.turn(2 * minute)
    vi.spyOn(crm.ports.webhookEndpoints, 'read').mockRejectedValueOnce(new Error('unavailable'))
    await expect(crm.sweep()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(crm.received).toHaveLength(3)
    expect(await crm.pending()).toHaveLength(1)
  })

  it.each([204, 500])(
    'does not repeat a webhook each minute where its attempts (%s) cannot be logged',
    async (status) => {
      await crm.addEndpoint()
      vi.spyOn(crm.ports.webhookLog, 'append').mockRejectedValue(new Error('unavailable'))
      crm.scene.answer = () => ({ status, text: '' })
      await crm.deliver(crm.accountOpened())
      for (let passed = 0; passed < 30; passed += 1) {
        crm.turn(minute)
        await crm.sweep().catch(() => undefined)
      }
      expect(crm.received).toHaveLength(status === 204 ? 1 : 3)
    },
  )
})

describe('a rotated secret', () => {
  it('signs beside the former one until that expires', async () => {
    const endpoint = await crm.addEndpoint()
    const former = crm.scene.known
    const secret = await crm.rotate(endpoint.id, 24)
    await crm.deliver(crm.accountOpened())
    crm.scene.known = [secret]
    await crm.deliver(crm.accountOpened())
    crm.turn(day)
    await crm.deliver(crm.accountOpened())
    expect(crm.received).toHaveLength(3)
    crm.scene.known = former
    await crm.deliver(crm.accountOpened())
    expect(crm.received).toHaveLength(3)
  })

  it('cannot be rotated again while the former one signs, so that no receiver breaks', async () => {
    const endpoint = await crm.addEndpoint()
    await crm.rotate(endpoint.id, 24)
    crm.turn(day - 1)
    await expect(crm.rotate(endpoint.id, 24)).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    await crm.deliver(crm.accountOpened())
    expect(crm.received).toHaveLength(1)
    crm.turn(1)
    await crm.rotate(endpoint.id, 24)
    crm.scene.known = [await crm.rotate(endpoint.id, 0)]
    await crm.deliver(crm.accountOpened())
    expect(crm.received).toHaveLength(2)
  })

  it('ends the former one at once if asked', async () => {
    const endpoint = await crm.addEndpoint()
    await crm.rotate(endpoint.id, 0)
    await crm.deliver(crm.accountOpened())
    expect(crm.received).toEqual([])
  })
})

describe('an endpoint that asks for a pause with Retry-After', () => {
  const hour = 60 * minute
  const start = Date.parse('2026-03-01T12:00:00.000Z')
  const queued = async () => {
    const all: { readonly dueAt: string }[] = []
    for await (const one of crm.store.webhookDeliveries.due('2026-12-31T00:00:00.000Z')) all.push(one)
    return all
  }
  const dueAfter = async (status: number, retryAfter: string) => {
    crm.scene.answer = () => ({ status, text: '', retryAfter })
    await crm.addEndpoint()
    await crm.deliver(crm.accountOpened())
    const [delivery] = await queued()
    return Date.parse(delivery?.dueAt ?? '') - start
  }

  it.each([
    [429, '7200', 2 * hour],
    [503, '7200', 2 * hour],
    [503, ' 7200 ', 2 * hour],
    [429, 'Sun, 01 Mar 2026 14:00:00 GMT', 2 * hour],
    [429, 'Sunday, 01-Mar-26 14:00:00 GMT', 2 * hour],
    // At most the longest pause.
    [429, '999999999999', 20 * hour],
    [503, 'Fri, 01 Jan 2100 00:00:00 GMT', 20 * hour],
  ])('with %i and %s gets nothing before', async (status, retryAfter, pause) => {
    expect(await dueAfter(status, retryAfter)).toBe(pause)
  })

  it.each([
    [500, '7200'],
    [429, '1'],
    [429, '-5'],
    [429, '1e9'],
    [429, 'tomorrow'],
    [429, '2026-03-01T14:00:00Z'],
    [503, 'Sun, 01 Mar 2020 14:00:00 GMT'],
    [503, 'Sun, 99 Foo 2026 14:00:00 GMT'],
  ])('with %i and %s gets the next attempt after the usual pause', async (status, retryAfter) => {
    const pause = await dueAfter(status, retryAfter)
    expect(pause).toBeGreaterThanOrEqual(minute)
    expect(pause).toBeLessThanOrEqual(1.2 * minute)
  })

  it('gets none of its other webhooks before either', async () => {
    crm.scene.answer = () => ({ status: 500, text: '' })
    await crm.addEndpoint()
    for (let count = 0; count < 12; count += 1) await crm.deliver(crm.accountOpened())
    crm.scene.answer = () => ({ status: 429, text: '', retryAfter: '7200' })
    crm.turn(2 * minute)
    await crm.sweep()
    const dues = (await queued()).map(({ dueAt }) => Date.parse(dueAt) - start - 2 * minute)
    expect(dues).toHaveLength(12)
    expect(Math.min(...dues)).toBeGreaterThanOrEqual(2 * hour)
  })
})
