import { expect, it } from 'vitest'
import { system } from '../../../core/events/event-names.ts'
import type { CustomDomain } from '../../../lambdas/domains/custom-domain.ts'
import { followUrl } from '../../../lambdas/domains/follow-url.ts'
import { isPlanChangeDue } from '../../../lambdas/releases/swap/follow-plan.ts'
import { launchOf } from '../../../lambdas/sites/run/prepare-launch.ts'
import { planScene } from '../releases/swap/plan-scene.ts'
import { domainSamples } from './domain-samples.ts'

const named = (hostname: string, day = 1): CustomDomain => ({
  ...domainSamples.verified,
  hostname,
  verifiedAt: `2026-03-0${day}T12:00:00.000Z`,
  servedAt: `2026-03-0${day}T12:10:00.000Z`,
})

/** Its certificate is not issued yet, or its record is older than the note. */
const unserved = ({ servedAt: _, ...domain }: CustomDomain): CustomDomain => domain

const scene = async (urlChange: 'restart' | 'hook' | 'headers' | undefined) => {
  const stage = await planScene('exclusive')
  const known = await stage.ports.blueprints.get()
  const containers = known.containers.map((one) => ({ ...one, environment: { URL: '${SITE_URL}' } }))
  const blueprint = { ...known, containers, ...(urlChange === undefined ? {} : { urlChange }) }
  const ports = { ...stage.ports, blueprints: { ...stage.ports.blueprints, get: async () => blueprint } }
  const held: CustomDomain[] = []
  const domains = { listBySite: async () => held }
  return {
    ...stage,
    held,
    verify: async (...now: CustomDomain[]) => {
      held.splice(0, held.length, ...now)
      await followUrl({ ...ports, domains }, stage.site.id, 'evt_1', system)
    },
    urlOf: async () => (await launchOf(ports, await stage.now())).facts?.['SITE_URL'],
    isDue: async () => isPlanChangeDue(await stage.now(), ports.plans, ports.clocks.wall()),
  }
}

it('restarts a site with its domain as its URL, holding requests, and again when it has none', async () => {
  const { verify, urlOf, isDue, follow, makeWay, move, leave, now, calls, site } = await scene('restart')
  const own = `https://${site.ownership.hostname}`
  const waiting = { ...domainSamples.pending, hostname: 'waiting.example.com' }
  for (const [domains, url] of [
    [[named('www.example.com'), waiting], 'https://www.example.com'],
    [[waiting], own],
  ] as const) {
    await verify(...domains)
    expect(await isDue()).toBe(true)
    await follow()
    await makeWay()
    calls.splice(0)
    await move()
    expect(calls).toEqual(['start 1024'])
    await leave()
    expect(await now()).not.toHaveProperty('operation')
    expect(await urlOf()).toBe(url)
    expect(await isDue()).toBe(false)
  }
})

it('waits until a domain is served, and keeps the one that it has', async () => {
  const { verify, urlOf, isDue, now, site } = await scene('restart')
  const [first, second] = [named('a.example.com'), named('b.example.com', 2)]
  await verify(unserved(first))
  expect([await isDue(), await urlOf()]).toEqual([false, `https://${site.ownership.hostname}`])
  await verify(unserved(first), second)
  expect([await isDue(), await urlOf()]).toEqual([true, 'https://b.example.com'])
  await verify(unserved(second))
  expect((await now()).urlHostname).toBe('b.example.com')
})

it('keeps the domain that was verified first', async () => {
  const { verify, urlOf, now } = await scene('restart')
  await verify(named('b.example.com', 2))
  await verify(named('a.example.com', 3), named('b.example.com', 2))
  expect(await urlOf()).toBe('https://b.example.com')
  const { version } = await now()
  await verify(named('b.example.com', 2))
  expect((await now()).version).toBe(version)
})

it.each(['headers', undefined] as const)('changes nothing that runs with %s', async (urlChange) => {
  const { verify, urlOf, isDue, site } = await scene(urlChange)
  await verify(named('www.example.com'))
  expect(await isDue()).toBe(false)
  expect(await urlOf()).toBe(`https://${site.ownership.hostname}`)
})

it('asks the claim hook again', async () => {
  const { verify, isDue, follow, now, started } = await scene('hook')
  await verify(named('www.example.com'))
  expect(await isDue()).toBe(true)
  await follow()
  const { operation } = await now()
  expect(operation).toMatchObject({ kind: 'handover' })
  expect(started).toEqual([`${operation?.id}-1`])
})
