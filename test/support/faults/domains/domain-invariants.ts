import { isCustomDomainEvent } from '../../../../core/events/event-names.ts'
import { customDomainSchema, isHeld } from '../../../../lambdas/domains/custom-domain.ts'
import { createCachedDirectory } from '../../../../router/find-upstream.ts'
import { differences } from '../differences.ts'
import type { DomainWorld, Owners } from './domain-scenario.ts'

type Problems = readonly string[]

/** What a scenario comes to in the end, whatever failed on the way. */
export interface DomainOutcome {
  /** The domains there are, each with the number of its owner. */
  readonly domains: readonly { readonly hostname: string; readonly owner: number; readonly state: string }[]
  /** The lives of all domains there ever were: states, and `released because …`. */
  readonly lives: readonly string[]
  /** The subjects of what owners are told meanwhile, each once. */
  readonly told: readonly string[]
}

const isOwn = (hostname: string): boolean => !hostname.endsWith('.localhost')

/** The stored items: a domain below its site, and its hostname for the router, held by one site at most. */
const stored = (world: DomainWorld, owners: Owners, { domains }: DomainOutcome): Problems => {
  const { ofKind } = world.stored()
  const found = ofKind('domain').map(({ content }) => customDomainSchema.parse(content))
  const wanted = domains.map(({ hostname, owner, state }) => `${hostname} of ${owners[owner]?.id}, ${state}`)
  const hosts = ofKind('host').flatMap(({ pk, siteId }) => {
    const hostname = String(pk).replace('HOST#', '')
    return isOwn(hostname) ? [`${hostname} of ${siteId}`] : []
  })
  const held = found.filter(isHeld).map(({ hostname, siteId }) => `${hostname} of ${siteId}`)
  return [
    ...differences(
      'domains',
      found.map(({ hostname, siteId, state }) => `${hostname} of ${siteId}, ${state}`),
      wanted,
    ),
    ...differences('hostnames', hosts, held),
  ]
}

/** What serves them: a tenant for each that is held, with its certificate, and none besides. */
const served = ({ edge }: DomainWorld, { domains }: DomainOutcome): Problems =>
  differences(
    'tenants',
    edge.tenants().map(({ domain, isServed }) => `${domain}${isServed ? '' : ', without a certificate'}`),
    domains.filter(({ state }) => state !== 'pending').map(({ hostname }) => hostname),
  )

/** Where a router that has just started leads visitors. */
const led = async (world: DomainWorld, owners: Owners, { domains }: DomainOutcome, hostnames: readonly string[]) => {
  const directory = createCachedDirectory({ lookup: world.lookUp, now: () => 0 })
  const found = await Promise.all(
    hostnames.map(async (hostname) => `${hostname} to ${(await directory.find(hostname))?.id}`),
  )
  const wanted = hostnames.map((hostname) => {
    const held = domains.find((domain) => domain.hostname === hostname && domain.state !== 'pending')
    return `${hostname} to ${held === undefined ? undefined : owners[held.owner]?.id}`
  })
  return differences('ways of visitors', found, wanted)
}

/** The life of each domain: none of its events is missing, duplicate, or was never to happen. */
const lives = (world: DomainWorld, { lives: wanted }: DomainOutcome): Problems => {
  const events = world.stored().events.filter(isCustomDomainEvent)
  const found = [...Map.groupBy(events, ({ aggregate }) => aggregate.id).values()].map((own) =>
    own
      .toSorted((one, other) => one.version - other.version)
      .map(({ data: { state, because } }) => (state === 'released' ? `released because ${because}` : state))
      .join(', '),
  )
  return differences('lives of domains', found, wanted)
}

/** Every fault of a world at rest. */
export const domainProblems = async (
  world: DomainWorld,
  owners: Owners,
  outcome: DomainOutcome,
  hostnames: readonly string[],
): Promise<Problems> => [
  ...stored(world, owners, outcome),
  ...served(world, outcome),
  ...(await led(world, owners, outcome, hostnames)),
  ...lives(world, outcome),
  ...world.outside.violations,
]
