import { describe, expect, test, vi } from 'vitest'
import { engineWith, startExample } from './example.ts'

vi.setConfig({ testTimeout: 600_000 })

const former = { 'sitewright/example-ihatemoney:7.2.1': 'sitewright/example-ihatemoney:6.1.5' }

interface Bill {
  readonly what: string
  readonly amount: number
  /** Its column is new in the current version. */
  readonly bill_type?: string
}

describe.runIf(await engineWith('ihatemoney', former))('I Hate Money with SQLite', () => {
  test('opens its dashboard to its owner alone, and keeps its bills when it is archived and upgraded', async () => {
    await using example = await startExample('ihatemoney', former)
    const [{ value } = { value: '' }] = example.credentials
    /** Fills a form in as a browser does. @returns the status, and the cookie that is then sent back. */
    const submit = async (path: string, fields: Record<string, string>, before: Record<string, string> = {}) => {
      const shown = await example.ask({ path, headers: before })
      const cookie = shown.headers['set-cookie']?.[0]?.split(';')[0] ?? before['cookie'] ?? ''
      const csrf_token = /name="csrf_token"[^>]*value="([^"]+)"/.exec(shown.text)?.[1] ?? ''
      const body = new URLSearchParams({ ...fields, csrf_token }).toString()
      const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await example.ask({ method: 'POST', path, headers, body })
      return { status: answer.status, cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie }
    }
    expect((await example.ask({ path: '/create' })).status).toBe(303)
    expect((await submit('/admin', { admin_password: 'a guess' })).status).toBe(200)
    const { status, cookie } = await submit('/admin', { admin_password: value })
    expect(status).toBe(302)
    expect((await example.ask({ path: '/dashboard', headers: { cookie } })).status).toBe(200)

    const project = {
      name: 'trip',
      password: 'for this test',
      contact_email: 'ada@example.com',
      default_currency: 'XXX',
    }
    expect((await submit('/create', project, { cookie })).status).toBe(302)
    const authorization = `Basic ${Buffer.from('trip:for this test').toString('base64')}`
    const post = async (path: string, body: object) => {
      const one = { method: 'POST', path: `/api/projects/trip/${path}`, headers: { authorization }, body }
      expect((await example.ask(one)).status).toBe(201)
    }
    const write = (what: string) => post('bills', { date: '2026-01-31', what, payer: 1, payed_for: [1], amount: 12.5 })
    const bills = async () => {
      const one = { path: '/api/projects/trip/bills', headers: { authorization } }
      return (await example.ask<Bill[]>(one)).json.map(({ what, amount, bill_type }) => ({ what, amount, bill_type }))
    }
    await post('members', { name: 'Ada' })
    await write('train')
    expect(await bills()).toEqual([{ what: 'train', amount: 12.5 }])

    await example.archiveAndRestore()
    expect(await bills()).toEqual([{ what: 'train', amount: 12.5 }])
    await example.upgrade()
    expect(await bills()).toEqual([{ what: 'train', amount: 12.5, bill_type: 'Expense' }])
    await write('hotel')
    expect((await bills()).map(({ what }) => what)).toEqual(expect.arrayContaining(['train', 'hotel']))
  })
})
