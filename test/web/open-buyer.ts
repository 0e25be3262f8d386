import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import { call } from '../e2e/call.ts'
import { waitFor } from '../support/wait-for.ts'
import { openWithSite } from './console-page.ts'

interface Billing {
  readonly state: string
  readonly plan: string
  readonly paidThrough: string
  readonly graceEndsAt: string | null
  readonly cancelsAtPeriodEnd: boolean
  readonly disputed: boolean
  readonly customerId: string
}

/** An owner with a site that runs, its list shown, and what they and their bank can do besides the page. */
export const openBuyer = async (
  host: { readonly url: string; readonly port: number },
  browser: Browser,
  slug: string,
) => {
  const opened = await openWithSite(host, browser, slug)
  const ask = <Json>(method: string, what: string, body?: object) =>
    call<Json>(host, {
      method,
      path: `/v1/sites/${opened.site.id}${what}`,
      headers: opened.person.bearer,
      ...(body && { body }),
    })
  const billing = async () => (await ask<Billing>('GET', '/billing')).json
  const local = <Json = Record<string, unknown>>(path: string, body: object) =>
    call<Json>(host, { method: 'POST', path: `/_local/stripe${path}`, body })
  /** Buys without a browser. */
  const buy = async (plan: string, card = '4242424242424242') => {
    const { json } = await ask<{ id: string }>('POST', '/checkout', { plan, interval: 'month' })
    expect((await local(`/checkout/${json.id}/pay`, { card })).status).toBe(200)
    await waitFor(async () => (await billing()).state === 'active')
  }
  return { ...opened, ask, billing, buy, local, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}
