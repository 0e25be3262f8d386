import { afterAll, describe, expect, it } from 'vitest'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
afterAll(() => stage[Symbol.asyncDispose]())

const root = '/v1/operator/webhooks'
const reason = 'Connect the CRM.'
const ask = async (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  role: OperatorRole = 'admin',
) =>
  stage.send({
    method,
    path: `${root}${path}`,
    headers: await stage.operator(`${role}@example.com`, role),
    ...(body && { body }),
  })
const request = { url: 'https://crm.example.com/in', description: 'CRM', types: ['site.created'], reason }
const create = async (more: object = {}) => {
  const { status, json } = await ask('POST', '', { ...request, ...more })
  expect(status).toBe(201)
  return { id: String(json['id']), secret: String(json['secret']) }
}

describe('endpoints of webhooks', () => {
  it('are created with a secret that is shown once', async () => {
    const { id, secret } = await create()
    expect(secret).toBe(`whsec_${id}1`)
    const shown = await ask('GET', `/${id}`)
    expect(shown.json).toEqual({
      id,
      url: request.url,
      description: 'CRM',
      types: ['site.created'],
      secrets: [{ createdAt: stage.now(), expiresAt: null }],
      marketing: false,
      disabled: null,
      createdAt: stage.now(),
    })
    const list = await ask('GET', '', undefined, 'sales')
    expect(list.json['types']).toContain('person.erased')
    expect(`${list.text}${stage.logLines.join()}`).not.toContain(secret)
  })

  it('are entered in the audit log, by id', async () => {
    const { id } = await create()
    await ask('PATCH', `/${id}`, { description: 'Another', reason })
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 2 })
    expect(items).toMatchObject([
      { action: 'operatorChangeWebhook', targets: [id], reason },
      { action: 'operatorCreateWebhook', reason },
    ])
  })

  it.each([
    ['http://crm.example.com/', 'must be an https address'],
    ['http://localhost/', 'must be an https address'],
    ['ftp://crm.example.com/', 'must be an https address'],
    ['https://user:secret@crm.example.com/', 'must not contain a user name or a password'],
    ['https://crm.example.com/#a', 'must not contain a fragment'],
    ['crm', 'must be an address'],
  ])('are not at %s', async (url, message) => {
    const answer = await ask('POST', '', { ...request, url })
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ path: 'url', message }] } })
  })

  it('may be on this machine where the host allows it', async () => {
    await create({ url: 'http://localhost:3000/in' })
  })

  it('refuse types that do not exist', async () => {
    expect((await ask('POST', '', { ...request, types: ['site.exploded'] })).status).toBe(400)
  })

  it('are disabled, enabled, rotated and deleted', async () => {
    const { id } = await create()
    const disabled = await ask('PATCH', `/${id}`, { enabled: false, reason })
    expect(disabled.json['disabled']).toEqual({ at: stage.now(), because: 'operator' })
    const enabled = await ask('PATCH', `/${id}`, { enabled: true, types: [], reason })
    expect(enabled.json).toMatchObject({ disabled: null, types: [], url: request.url })
    const rotated = await ask('POST', `/${id}/secret`, { reason })
    expect(rotated.json).toMatchObject({
      secret: `whsec_${id}2`,
      secrets: [{ expiresAt: null }, { createdAt: stage.now() }],
    })
    const ended = await ask('POST', `/${id}/secret`, { overlapHours: 0, reason })
    expect(ended.json['secrets']).toHaveLength(1)
    expect((await ask('DELETE', `/${id}`, { reason })).status).toBe(204)
    expect((await ask('GET', `/${id}`)).status).toBe(404)
    expect((await ask('DELETE', `/${id}`, { reason })).status).toBe(404)
  })

  it('show their attempts, of which one is sent again by hand', async () => {
    const { id } = await create()
    const message = {
      id: 'msg_01jq3v5k8m0000000000000000',
      type: 'account.created',
      at: stage.now(),
      accountId: 'acct_01jq3v5k8m0000000000000000',
      details: {},
    } as const
    const attempt = {
      schemaVersion: 1,
      id: 'att_01jq3v5k8m0000000000000000',
      endpointId: id as 'hook_',
      message,
    } as const
    const answer = { status: 500, text: 'broken' }
    await stage.store.webhookLog.append({ ...attempt, at: stage.now(), number: 1, answer, milliseconds: 3 })
    const page = await ask('GET', `/${id}/attempts`, undefined, 'sales')
    expect(page.json).toMatchObject({
      attempts: [{ id: attempt.id, messageId: message.id, type: 'account.created', answer, milliseconds: 3 }],
      cursor: null,
    })
    const again = (attemptId: string) => ask('POST', `/${id}/attempts/${attemptId}/redelivery`, { reason }, 'sales')
    expect(await again(attempt.id)).toMatchObject({ status: 202, json: { messageId: message.id } })
    for await (const delivery of stage.store.webhookDeliveries.due(stage.now()))
      expect(delivery).toMatchObject({ endpointId: id, message, attempts: 0 })
    expect((await again('att_01jq3v5k8m0000000000000001')).status).toBe(404)
    await ask('PATCH', `/${id}`, { enabled: false, reason })
    expect((await again(attempt.id)).status).toBe(409)
  })

  it('are at most twenty', async () => {
    const { json } = await ask('GET', '')
    const left = 20 - (json['endpoints'] as unknown[]).length
    for (let count = 0; count < left; count += 1) await create()
    expect((await ask('POST', '', request)).status).toBe(409)
  })
})
