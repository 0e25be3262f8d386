import { expect, test } from 'vitest'
import type { OpenSite } from '../../../../core/site/site-facts.ts'
import type { BringUpPorts } from '../../../../lambdas/sites/run/bring-up.ts'
import { startMany, startOrder } from '../../../../lambdas/sites/run/start-in-bulk.ts'
import { inParts } from '../../../../lambdas/sites/run/sweep-parts.ts'
import { recordingLog } from '../../../support/fixed-ports.ts'
import { plans, welcome } from '../../../support/provisioning.ts'
import { siteSamples } from '../../../support/site-samples.ts'

const idOf = (kind: string, number: number) => `site_${kind}${String(number).padStart(4, '0')}` as const
const many = (count: number, make: (number: number) => OpenSite): OpenSite[] =>
  Array.from({ length: count }, (_, number) => make(number))
const paid = (number: number): OpenSite => ({ ...siteSamples.active, id: idOf('paid', number), plan: 'growth' })
const trial = (number: number): OpenSite => ({ ...siteSamples.active, id: idOf('trial', number), plan: 'trial' })
const pooled = (number: number): OpenSite => ({ ...siteSamples.ready, id: idOf('pool', number) })

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString()

test('paid sites come first, then trials, then the pool', () => {
  const order = startOrder([pooled(1), trial(1), paid(1), paid(2)], plans, at(0))
  expect(order.map(({ id }) => id)).toEqual([idOf('paid', 1), idOf('paid', 2), idOf('trial', 1), idOf('pool', 1)])
})

test('each fifth start is of another site, however many paid sites are down', () => {
  const order = startOrder([...many(400, paid), ...many(200, trial)], plans, at(0))
  expect(order.slice(0, 500).filter(({ plan }) => plan === 'trial')).toHaveLength(100)
  expect(new Set(order).size).toBe(600)
})

test('each site is among the first in some sweep, although those before it never start', () => {
  const sites = many(400, trial)
  const tried = new Set<string>()
  for (let minute = 0; minute < 10; minute += 1) {
    for (const { id } of startOrder(sites, plans, at(minute)).slice(0, 60)) tried.add(id)
  }
  expect(tried.size).toBe(400)
})

test('each silent site is probed in some sweep, although there is no time for all', async () => {
  const sites = many(300, (number) => {
    const { endpoint: _, ...site } = paid(number)
    return site
  })
  const probed = new Set<string>()
  for (let minute = 0; minute < 3; minute += 1) {
    let passed = 0
    const log = recordingLog()
    const ports: Partial<BringUpPorts> = {
      clocks: { wall: () => at(minute), domain: () => at(minute) },
      blueprints: { get: async () => welcome(1) } as unknown as BringUpPorts['blueprints'],
      probe: {
        isHealthy: async ({ host }) => {
          passed += 1000
          probed.add(host)
          return false
        },
      },
      monotonic: () => passed,
      log,
      plans,
    }
    const found = new Map(
      sites.map(({ id }) => [
        id,
        { siteId: id, cell: 'local', state: 'running' as const, endpoint: { host: id, port: 80 } },
      ]),
    )
    const bulk = { began: 0, sites, found, startInBulk: async () => undefined }
    await startMany(ports as BringUpPorts, bulk, inParts({ atOnce: 1, log }), 'tick')
  }
  expect(probed.size).toBe(300)
})
