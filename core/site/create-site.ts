import { SitewrightError } from '../errors.ts'
import type { Actor } from '../events/event.ts'
import { hostnameOf, slugProblem, slugProblemText } from '../hostname/slug.ts'
import { idempotencyRecord, requireSameRequest } from '../idempotency.ts'
import type { AccountId } from '../ids.ts'
import { isId } from '../ids.ts'
import type { PlanCatalogue } from '../plan/plan.ts'
import type { Clocks } from '../ports/clocks.ts'
import type { Randomness } from '../ports/randomness.ts'
import type { BlueprintStore, IdempotencyStore } from '../ports/stores.ts'
import { claimFromPool } from './claim-from-pool.ts'
import type { RequestBuildPorts } from './request-build.ts'
import { requestBuild } from './request-build.ts'
import type { Site } from './site.ts'
import type { SiteWish } from './site-wish.ts'
import { reservationsFor } from './site-wish.ts'
import type { TrialPolicies } from './trial-policy.ts'

export interface CreateSitePorts extends RequestBuildPorts {
  readonly blueprints: BlueprintStore
  readonly idempotency: IdempotencyStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  /** Where new sites go. */
  readonly cell: string
  readonly sitesDomain: string
  readonly reservedSlugs: readonly string[]
  /** What visitors may ask for; the first is what they get unasked. */
  readonly offeredBlueprints: readonly [string, ...string[]]
}

export interface CreateSite {
  readonly accountId: AccountId
  readonly actor: Actor
  readonly causationId: string
  readonly slug: string
  readonly name?: string | undefined
  readonly blueprint?: string | undefined
  readonly idempotencyKey?: string | undefined
}

const allowedSlug = (slug: string, reserved: readonly string[]): string => {
  const problem = slugProblem(slug, reserved)
  if (problem === undefined) return slug
  throw new SitewrightError('HostnameNotAllowed', `The name '${slug}' ${slugProblemText[problem]}.`, {
    fields: [{ path: 'slug', message: slugProblemText[problem] }],
  })
}

const offeredBlueprint = (asked: string | undefined, offered: readonly [string, ...string[]]): string => {
  if (asked === undefined) return offered[0]
  if (offered.includes(asked)) return asked
  throw new SitewrightError('InvalidRequest', `There is no blueprint '${asked}' to choose.`, {
    fields: [{ path: 'blueprint', message: `must be one of: ${offered.join(', ')}` }],
  })
}

const buildOwn = async (ports: CreateSitePorts, wish: SiteWish) => {
  const blueprint = await ports.blueprints.latest(wish.blueprint)
  if (blueprint === undefined) {
    throw new SitewrightError('BlueprintUnknown', `Blueprint '${wish.blueprint}' is offered, but was never published.`)
  }
  const id = ports.randomness.id('site')
  return requestBuild(
    ports,
    {
      id,
      cell: ports.cell,
      plan: ports.plans.trial.id,
      blueprint: { name: blueprint.name, version: blueprint.version },
      policyVersion: ports.policies.current.version,
      ownership: wish.ownership,
      reserve: reservationsFor(wish, id),
    },
    wish.context,
  )
}

/** The site that an earlier request with the same key created. */
const createdBefore = async (ports: CreateSitePorts, { idempotent }: SiteWish): Promise<Site> => {
  if (idempotent === undefined) throw new Error('a key stood in the way of a request that had none')
  const record = idempotencyRecord(idempotent, '', ports.clocks.wall())
  const earlier = await ports.idempotency.find(record.key)
  if (earlier === undefined) throw new SitewrightError('Unavailable', 'The earlier request is not settled. Try again.')
  requireSameRequest(earlier, record)
  const site = isId('site', earlier.created) ? await ports.sites.get(earlier.created) : undefined
  if (site === undefined) throw new Error(`an idempotency key points to ${earlier.created}, which does not exist`)
  return site
}

/**
 * Gives an account its trial site: one of the pool in a single transaction, or else one that starts building now.
 * @throws {SitewrightError} `HostnameNotAllowed`, `HostnameTaken`, `TrialAlreadyUsed`, `IdempotencyKeyReused`, and
 *   `InvalidRequest` for a blueprint that is not offered.
 */
export const createSite = async (ports: CreateSitePorts, command: CreateSite): Promise<Site> => {
  const { accountId, actor, causationId, idempotencyKey, name = command.slug } = command
  const slug = allowedSlug(command.slug, ports.reservedSlugs)
  const blueprint = offeredBlueprint(command.blueprint, ports.offeredBlueprints)
  const wish: SiteWish = {
    ownership: { accountId, slug, hostname: hostnameOf(slug, ports.sitesDomain), name, since: ports.clocks.domain() },
    blueprint,
    context: { actor, causationId, clocks: ports.clocks, randomness: ports.randomness },
    ...(idempotencyKey === undefined
      ? {}
      : { idempotent: { scope: accountId, key: idempotencyKey, request: { slug, name, blueprint } } }),
  }

  const claimed = await claimFromPool({ sites: ports.sites, cell: ports.cell, policy: ports.policies.current }, wish)
  const outcome = claimed === 'pool-empty' ? await buildOwn(ports, wish) : claimed
  switch (outcome) {
    case 'idempotency':
      return createdBefore(ports, wish)
    case 'trial':
      throw new SitewrightError('TrialAlreadyUsed', 'This account has its trial site already. Open that one instead.')
    case 'hostname':
      throw new SitewrightError('HostnameTaken', `The name '${slug}' is taken. Choose another.`, {
        fields: [{ path: 'slug', message: slugProblemText.taken }],
      })
    default:
      return outcome
  }
}
