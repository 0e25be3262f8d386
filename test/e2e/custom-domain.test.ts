import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { type Call, call } from './call.ts'
import { createSite, mailTo, poolIsFull, signIn, writeEntry } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 })

interface Domain {
  readonly hostname: string
  readonly state: string
  readonly records: readonly { readonly type: string; readonly name: string; readonly value: string }[]
}

const hostname = 'www.ada.example.com'
const email = 'ada@example.com'

let host: StartedHost
beforeAll(async () => {
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  await poolIsFull(host)
})
afterAll(async () => {
  await host?.stop()
  // The second host was given it, and leaves it.
  if (host !== undefined) await rm(host.home, { recursive: true, force: true })
})

it('a domain is added, set, verified and served, also after a restart, and goes a week after its plan', async () => {
  const { bearer } = await signIn(host, email)
  const site = (await createSite(host, { bearer }, { slug: 'ada' })).json
  await waitFor(async () => (await call(host, { at: 'ada.localhost', path: '/' })).status === 200)
  await writeEntry(host, 'ada', 'hello')

  const ask = <Body = Record<string, unknown>>(request: Call) => call<Body>(host, { headers: bearer, ...request })
  const path = `/v1/sites/${site.id}/domains`
  const setPlan = async (plan: string) => {
    const body = { email: 'sue@example.com', role: 'admin' }
    const { token } = (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json
    const changed = await call(host, {
      method: 'POST',
      path: `/v1/operator/sites/${site.id}/plan`,
      headers: { authorization: `Bearer ${token}` },
      body: { plan, reason: 'a test' },
    })
    expect(changed.status).toBe(200)
  }
  const served = async () => (await call(host, { at: hostname, path: '/api/entries' })).status

  expect((await ask({ method: 'POST', path, body: { hostname } })).status).toBe(402)
  await setPlan('starter')
  const added = await ask<Domain>({ method: 'POST', path, body: { hostname } })
  expect([added.status, added.json.state]).toEqual([201, 'pending'])
  expect(await served()).toBe(404)
  for (const { type, name, value } of added.json.records) {
    const put = await call(host, { method: 'PUT', path: `/_local/dns/${name}`, body: { [type]: value } })
    expect(put.status).toBe(200)
  }
  const verified = await ask<Domain>({ method: 'POST', path: `${path}/${hostname}/verification` })
  expect([verified.status, verified.json.state]).toEqual([200, 'verified'])
  expect(await served()).toBe(200)
  const entries = await call<{ entries: { text: string }[] }>(host, { at: hostname, path: '/api/entries' })
  expect(entries.json.entries.map(({ text }) => text)).toContain('hello')
  await waitFor(async () => (await mailTo(host, email)).some(({ subject }) => subject.startsWith(hostname)))

  await host.kill()
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' }, home: host.home, port: host.port })
  expect((await ask<Domain>({ method: 'POST', path: `${path}/${hostname}/verification` })).json.state).toBe('verified')
  await waitFor(async () => (await served()) === 200)

  await setPlan('growth')
  await setPlan('trial')
  const state = async () => (await ask<{ domains: Domain[] }>({ path })).json.domains[0]?.state
  await waitFor(async () => (await state()) === 'releasing')
  await waitFor(async () =>
    (await mailTo(host, email)).some(({ text }) => text.includes('no longer includes the custom domain')),
  )
  const turn = (advance: string) => call(host, { method: 'POST', path: '/_local/clock', body: { advance } })
  expect((await turn('P6D')).status).toBe(200)
  expect(await state()).toBe('releasing')
  expect((await turn('P1DT1M')).status).toBe(200)
  expect(await state()).toBeUndefined()
  await waitFor(async () => (await served()) === 404)
})
