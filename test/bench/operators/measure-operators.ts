import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandomness } from '../../../adapters/randomness.ts'
import { plusMilliseconds, toInstant } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { KeptSite } from '../../../core/site/site.ts'
import { holdSite } from '../../../lambdas/endings/act-on-site.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { create as createOperatorApi } from '../../../lambdas/operators/api.ts'
import { auditEntry } from '../../../lambdas/operators/audit/audit-entry.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'
import config from '../../../sitewright.config.ts'
import { eventOf } from '../http-event.ts'
import type { Section } from '../measurement.ts'
import { openBenchStore, silent } from '../open-bench-store.ts'
import { median } from '../statistics.ts'
import { seedSites, slugOf } from './seed-sites.ts'

const wall = (): string => toInstant(new Date())
const operator = { operatorId: 'op_bench', role: 'admin' } as const
const rounds = 15
const maxFailures = 20
const auditEntries = 3000

/** The operators' function on an engine of its own with so many sites. */
const openOperatorApi = async (directory: string, sites: number) => {
  await using opening = new AsyncDisposableStack()
  const { client, policies, store } = opening.use(await openBenchStore(directory))
  const site = await seedSites(client, { count: sites, now: wall(), policies })
  const clocks = { domain: wall, wall }
  const randomness = createRandomness()
  const ports: Parameters<typeof createOperatorApi>[0] = {
    ...store,
    ...{ clocks, randomness, policies, log: silent },
    operatorTokens: { verify: async () => operator },
    operatorDirectory: { roleOf: async () => 'admin' },
    sentMails: { find: async () => undefined },
    meter: { measure: async () => undefined },
    admission: { forget: () => undefined },
    workflows: { start: async () => undefined, status: async () => 'unknown' },
    ceilings: config.trials,
    capacities: [{ name: 'local', sites: 1_000_000 }],
    cells: ['local'],
    capacityUse: () => [],
    plans: planCatalogue(config.plans),
    pool: config.pool,
    sleep: config.sleep,
    abuse: config.abuse,
    auditPolicy: config.audit,
    offeredBlueprints: config.offeredBlueprints,
    offers: createOffers([], 'http://localhost:4000'),
    reservedSlugs: config.reservedSlugs,
    brand: config.brand,
    contact: config.contact,
    consoleUrl: 'http://localhost',
    sitesDomain: 'localhost',
    siteUrl: (hostname) => `http://${hostname}`,
    paymentsAreLive: false,
  }
  const opened = opening.move()
  return { ports, store, site, handle: createOperatorApi(ports), [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

type Opened = Awaited<ReturnType<typeof openOperatorApi>>

/** A history for one site, failures for all, and a log. */
const addHistory = async ({ ports, store, site: first }: Opened): Promise<KeptSite> => {
  const context = { actor: { kind: 'system' }, causationId: 'bench', ...ports } as const
  let site = first
  for (let count = 0; count < 50; count += 1) {
    const change = holdSite(site, 'bench', context)
    await ports.sites.commit(change)
    if (change.after.status === site.status) site = { ...site, version: change.after.version }
    site = { ...site, heldSince: wall() }
  }
  for (let count = 0; count < maxFailures; count += 1) {
    await store.evidence.keep({
      schemaVersion: 1,
      id: `provision-${count}`,
      siteId: ports.randomness.id('site'),
      at: plusMilliseconds(wall(), -count),
      during: 'build',
      error: 'LaunchFailed',
      cause: 'crash',
      detail: 'bench',
      blueprint: { name: 'welcome', version: 1 },
    })
  }
  const who = { kind: 'operator', id: operator.operatorId, role: operator.role } as const
  for (let count = 0; count < auditEntries; count += 1) {
    const entry = { who, action: 'operatorGetSite', targets: [first.id], from: { network: '10.0.0.1' } }
    await ports.auditLog.append(auditEntry(ports, entry))
  }
  return site
}

const callsOf = (site: KeptSite) => {
  const list = (query: string) => [`/v1/operator/sites${query}`, '/v1/operator/sites'] as const
  const ofSite = (what: string, query = '') =>
    [`/v1/operator/sites/${site.id}/${what}${query}`, `/v1/operator/sites/{id}/${what}`] as const
  const ofPlace = (what: string, query = '') => [`/v1/operator/${what}${query}`, `/v1/operator/${what}`] as const
  const soon = plusMilliseconds(wall(), 7 * 86_400_000)
  return [
    ofPlace('overview'),
    list(''),
    list('?limit=100'),
    list('?order=ascending'),
    list('?status=active&limit=60'),
    list('?sort=deadline&limit=60'),
    list('?sort=deadline&order=descending'),
    list(`?dueBefore=${soon}`),
    list('?slug=acme'),
    list('?slug=acme-1&limit=60'),
    list('?words=bakery'),
    list('?words=acme%2010'),
    list('?words=site&limit=60'),
    list('?owned=true&limit=60'),
    list(`?hostname=${slugOf(500)}.localhost`),
    list(`?id=${site.id}`),
    list('?owner=nobody@example.com'),
    [`/v1/operator/sites/${site.id}`, '/v1/operator/sites/{id}'] as const,
    ofSite('events'),
    ofSite('timeline', '?limit=50'),
    ofSite('failures'),
    ofSite('consequences', '?action=suspend'),
    ofPlace('plans'),
    ofPlace('cells'),
    ofPlace('settings'),
    ofPlace('brake'),
    ofPlace('trials'),
    ofPlace('billing'),
    ofPlace('blueprints'),
    ofPlace('audit'),
    ofPlace('audit', `?target=${site.id}`),
  ]
}

/** Times each call of operators, one after another. The worst of the medians counts. */
export const measureOperators = async (sites: number): Promise<Section> => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-operators-'))
  const startedAt = performance.now()
  await using opened = await openOperatorApi(directory.path, sites)
  const site = await addHistory(opened)
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const measurements: Section['measurements'][number][] = []
  for (const [path, template] of callsOf(site)) {
    const times: number[] = []
    // The first call loads code; on AWS, a cold start has its own test/bench.
    for (let round = -1; round < rounds; round += 1) {
      const begunAt = performance.now()
      const event = eventOf(path, template, template.includes('{id}') ? { id: site.id } : {})
      const { statusCode, body } = await opened.handle(event, lambdaContext('operator-api', 15))
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${body}`)
      if (round >= 0) times.push(performance.now() - begunAt)
    }
    const name = path.replace('/v1/operator', '').replace(site.id, '{id}')
    measurements.push({ name: `${name}, median`, value: median(times), unit: 'ms' })
    measurements.push({ name: `${name}, slowest`, value: Math.max(...times), unit: 'ms', bar: { atMost: 300 } })
  }
  return {
    title: `Calls of operators with ${sites} sites`,
    measurements,
    notes: [`${rounds} calls each. Writing the sites took ${seconds} s.`],
  }
}
