import { createRandomness } from '../../adapters/randomness.ts'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import type { AccountId } from '../../core/ids.ts'
import { plusMilliseconds, toInstant } from '../../core/instant.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { ExecutionStatus, Workflows } from '../../core/ports/workflows.ts'
import type { Site } from '../../core/site/site.ts'
import type { CreateSite } from '../../lambdas/sites/claim/create-site.ts'
import { recordingLog } from './fixed-ports.ts'
import { noOffers } from './no-offers.ts'
import { openAdmission } from './open-admission.ts'
import { openTestStore } from './open-test-store.ts'
import { plainSecrets } from './plain-secrets.ts'
import { samplePolicies } from './sample-policy.ts'

export const plans = planCatalogue([
  {
    id: 'trial',
    name: 'Trial',
    kind: 'trial',
    prices: [],
    size: { cpu: 0.5, memoryMiB: 256, processes: 128 },
    limits: { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 },
    features: ['entries'],
  },
  {
    id: 'growth',
    name: 'Growth',
    kind: 'paid',
    prices: [],
    size: { cpu: 1, memoryMiB: 512, processes: 256 },
    limits: { requestsPerMinute: 6000, bandwidthMiBPerMinute: 600, connections: 200, uploadMiB: 64, storageMiB: 512 },
    features: ['entries', 'scorm'],
  },
])

export const welcome = (version: number) =>
  parseBlueprint(
    {
      name: 'welcome',
      version,
      title: 'Welcome',
      access: 'public',
      containers: [{ name: 'web', image: `welcome:${version}` }],
      traffic: { container: 'web', healthPath: '/healthz', startSeconds: 30 },
      data: { mode: 'exclusive' },
    },
    'welcome.yaml',
  )

/** Its sites start once they have an owner. */
export const welcomeThatNeedsItsUrl = (version: number) => {
  const blueprint = welcome(version)
  const containers = blueprint.containers.map((container) => ({ ...container, environment: { URL: '${SITE_URL}' } }))
  return { ...blueprint, containers }
}

interface TurnedClocks extends Clocks {
  readonly pass: (milliseconds: number) => void
}

const turnedClocks = (): TurnedClocks => {
  let now = toInstant(new Date(Date.UTC(2026, 2, 1, 12)))
  return {
    domain: () => now,
    wall: () => now,
    pass: (milliseconds) => {
      now = plusMilliseconds(now, milliseconds)
    },
  }
}

interface RecordedWorkflows extends Workflows {
  readonly started: { readonly name: string; readonly input: object }[]
  /** What `status` says of an execution that was started; `unknown` otherwise. */
  state: ExecutionStatus
  /** Set, starting fails. */
  outage: Error | undefined
}

const recordedWorkflows = (): RecordedWorkflows => {
  const recorded: RecordedWorkflows = {
    started: [],
    state: 'running',
    outage: undefined,
    start: async (_machine, name, input) => {
      if (recorded.outage !== undefined) throw recorded.outage
      if (recorded.started.every((execution) => execution.name !== name)) recorded.started.push({ name, input })
    },
    status: async (_machine, name) =>
      recorded.started.some((execution) => execution.name === name) ? recorded.state : 'unknown',
  }
  return recorded
}

/** For failures of sites of which nothing is known. */
export const unobserved = {
  ...plainSecrets(async () => 'secret'),
  runtime: { locate: async () => undefined, countEnds: async () => 0, observe: async () => undefined },
  probe: { ask: async () => ({ failure: 'unknown' as const }), meets: async () => true },
}

/** The real core on the real store with an empty pool; only workflows and clocks are played. */
export const openProvisioning = async () => {
  const store = await openTestStore(samplePolicies)
  const randomness = createRandomness()
  await store.blueprints.publish(welcome(1))
  const ports = {
    ...store,
    workflows: recordedWorkflows(),
    log: recordingLog(),
    clocks: turnedClocks(),
    randomness,
    plans,
    policies: samplePolicies,
    admission: openAdmission,
    pool: { target: 3, buildsAtOnce: 2 },
    capacities: [{ name: 'local', sites: 1_000_000 }],
    cellCounts: { read: async () => [], add: async () => true, write: async () => undefined },
    sitesDomain: 'sites.example.com',
    reservedSlugs: ['acme'],
    offers: noOffers,
    offeredBlueprints: ['welcome'] as const,
  }
  const accountId: AccountId = randomness.id('acct')
  const requestOf = (slug: string, change: Partial<CreateSite> = {}): CreateSite => ({
    accountId: randomness.id('acct'),
    actor: { kind: 'system' },
    causationId: 'req_1',
    slug,
    ...change,
  })
  const listed = async (status: Site['status']): Promise<readonly Site[]> => {
    const sites: Site[] = []
    for await (const site of store.sites.listByStatus(status)) sites.push(site)
    return sites
  }
  return { ports, accountId, requestOf, listed, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

export type Provisioning = Awaited<ReturnType<typeof openProvisioning>>
