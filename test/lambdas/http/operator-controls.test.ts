import { afterAll, describe, expect, it } from 'vitest'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
afterAll(() => stage[Symbol.asyncDispose]())

const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) =>
  stage.send({
    method,
    path: `/v1/operator${path}`,
    headers: await stage.operator('root@example.com', 'admin'),
    ...(body && { body }),
  })
const byRoot = { kind: 'operator', operatorId: expect.stringMatching(/^op_[0-9a-f]{32}$/), role: 'admin' }

describe('the brake', () => {
  it('is shown with its numbers, even before any sweep', async () => {
    expect(await ask('GET', '/brake')).toMatchObject({
      status: 200,
      json: {
        tripped: null,
        seenAt: null,
        forecast: null,
        waiting: 0,
        begun: 0,
        pace: { hour: { used: 0, allowed: 5 }, day: { used: 0, allowed: 20 } },
        history: [],
      },
    })
  })

  it('is pulled and released with a reason and a history', async () => {
    const pulled = await ask('POST', '/brake/pull', { reason: 'Mails go to the wrong people.' })
    expect(pulled).toMatchObject({
      status: 200,
      json: { tripped: { because: 'operator', detail: 'Mails go to the wrong people.' } },
    })
    const released = await ask('POST', '/brake/release', { reason: 'Corrected.' })
    expect(released).toMatchObject({
      status: 200,
      json: {
        tripped: null,
        history: [
          { act: 'released', because: 'operator', detail: 'Corrected.', actor: byRoot },
          { act: 'tripped', because: 'operator', detail: 'Mails go to the wrong people.', actor: byRoot },
        ],
      },
    })
    expect(JSON.stringify(released.json)).not.toContain('root@example.com')
  })

  it.each([[{}], [{ reason: '' }], [{ reason: '  ' }], [{ reason: 'a\nb' }], [{ reason: 'x', more: 1 }]])(
    'is not released with %j',
    async (body) => {
      expect((await ask('POST', '/brake/release', body)).status).toBe(400)
      expect((await ask('POST', '/brake/pull', body)).status).toBe(400)
      expect((await ask('GET', '/brake')).json).toMatchObject({ tripped: null })
    },
  )
})

describe('new trials', () => {
  it('are paused: new requests go to the waiting list, signing in works', async () => {
    const ada = await signIn(stage, 'ada@example.com')
    expect(await ask('PUT', '/trials', { paused: true, reason: 'A bad release.' })).toMatchObject({
      status: 200,
      json: { paused: true, room: 0, history: [{ isPaused: true, reason: 'A bad release.', actor: byRoot }] },
    })
    const request = { method: 'POST', path: '/v1/sites', headers: ada.headers, body: { slug: 'harbour' } } as const
    const refused = await stage.send(request)
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '3600' },
      json: { type: 'urn:sitewright:problem:waiting-list', retryAfterSeconds: 3600 },
    })
    await signIn(stage, 'grace@example.com')
    expect((await ask('GET', '/trials')).json).toMatchObject({ paused: true, waiting: 1, invited: 0 })
    expect((await ask('PUT', '/trials', { paused: false, reason: 'Corrected.' })).json).toMatchObject({
      paused: false,
      live: 0,
      newInHour: 0,
      ceilings: { maxLive: 1000, maxNewPerHour: 1000 },
      room: 1000,
      waiting: 1,
    })
  })

  it.each([[{}], [{ paused: true }], [{ reason: 'x' }], [{ paused: 'yes', reason: 'x' }]])(
    'are not paused with %j',
    async (body) => {
      expect((await ask('PUT', '/trials', body)).status).toBe(400)
    },
  )
})

describe('moving sites to another policy', () => {
  const move = { from: 1, to: 2, dryRun: true, reason: 'Longer trials.' }

  it.each([
    ['a version that is not known', move, 'to'],
    ['the same version', { ...move, to: 1 }, 'to'],
    ['no version', { ...move, from: 0 }, 'from'],
    ['no reason', { ...move, reason: undefined }, 'reason'],
    ['no word on whether it is meant', { ...move, dryRun: undefined }, 'dryRun'],
  ])('is refused with %s', async (_what, body, path) => {
    expect(await ask('POST', '/policies/move', body)).toMatchObject({ status: 400, json: { errors: [{ path }] } })
  })

  it('is refused with a cursor that is not ours', async () => {
    const answer = await ask('POST', '/policies/move', { ...move, from: 1, to: 1, cursor: 'x' })
    expect(answer.status).toBe(400)
  })
})
