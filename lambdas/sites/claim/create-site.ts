import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { entryOf } from '../../../core/blueprint/handing-over.ts'
import { defined } from '../../../core/defined.ts'
import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/events/actor.ts'
import { hostnameOf, slugProblem, slugProblemText } from '../../../core/hostname/slug.ts'
import { earlierRequest } from '../../../core/idempotency.ts'
import { type AccountId, isId } from '../../../core/ids.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { IdempotencyStore, Obstacle } from '../../../core/ports/stores.ts'
import { allowanceSlot, isTrialOf, isUnderAllowance, type Ownership } from '../../../core/site/ownership.ts'
import { ownershipOf, type Site } from '../../../core/site/site.ts'
import type { Account } from '../../accounts/account.ts'
import { sitesOf } from '../../accounts/follow-closures.ts'
import { type BlueprintStatus, blockingFailure, openDraft } from '../../blueprints/blueprint-status.ts'
import { refuseUnavailable } from '../../blueprints/change-status.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import type { HeldOffer } from '../../offers/offer.ts'
import { blueprintsOf, type Offers, offeredBlueprint, policyOf, requireOpen, trialBy } from '../../offers/offers.ts'
import { currentBlueprint, type RolloutStore } from '../../releases/rollout.ts'
import type { Admission, TrialReservation } from '../../trials/waiting-list/admit-trials.ts'
import type { AskedTrial } from '../../trials/waiting-list/waiting-entry.ts'
import { beginBuild, type RequestBuildPorts, requestBuild } from '../build/request-build.ts'
import { type PlacementPorts, readPlaces } from '../cells/place-sites.ts'
import { claimFromPool, reservationsFor, type TrialRequest, type TrialTerms } from './pooled-site.ts'

export interface CreateSitePorts
  extends RequestBuildPorts,
    PlacementPorts,
    Pick<
      Context,
      'clocks' | 'randomness' | 'plans' | 'policies' | 'sitesDomain' | 'reservedSlugs' | 'offeredBlueprints'
    > {
  readonly blueprints: BlueprintReader
  readonly rollouts: Pick<RolloutStore, 'read'>
  readonly idempotency: IdempotencyStore
  readonly admission: Admission
  readonly offers: Offers
}

export interface CreateSite extends HeldOffer {
  readonly accountId: AccountId
  readonly actor: Actor
  readonly causationId: string
  readonly slug: string
  readonly name?: string | undefined
  readonly blueprint?: string | undefined
  readonly blueprintOfSignup?: string | undefined
  readonly idempotencyKey?: string | undefined
}

type OfferedTrial = TrialRequest & Required<TrialTerms>

const allowedSlug = (slug: string, reserved: readonly string[]): string => {
  const problem = slugProblem(slug, reserved)
  if (problem === undefined) return slug
  throw new SitewrightError('HostnameNotAllowed', `The name '${slug}' ${slugProblemText[problem]}.`, {
    fields: [{ path: 'slug', message: slugProblemText[problem] }],
  })
}

/** The site that an earlier request with the same key created. */
const createdBefore = async (ports: CreateSitePorts, { idempotent }: OfferedTrial): Promise<Site | undefined> => {
  const earlier = await earlierRequest(ports.idempotency, idempotent, ports.clocks.wall())
  if (earlier === undefined) return undefined
  const site = isId('site', earlier.created) ? await ports.sites.get(earlier.created) : undefined
  if (site === undefined) throw new Error(`an idempotency key refers to ${earlier.created}, which does not exist`)
  return site
}

/** Only a failed build gives the trial back. */
const hasUsedTrial = async (
  { sites }: CreateSitePorts,
  { accountId, trialOf }: Pick<Ownership, 'accountId' | 'trialOf'>,
): Promise<boolean> => {
  const { items } = await sites.listByAccount(accountId, { limit: 25 })
  return items.some((site) => {
    const ownership = ownershipOf(site)
    if (site.status === 'failed' || ownership === undefined) return false
    if (site.status === 'purged' && isUnderAllowance({ trialOf })) return false
    return isTrialOf(ownership, trialOf)
  })
}

/** Finds what would refuse a new site, so that refused requests take no places in cells. @throws {SitewrightError} `IdempotencyKeyReused`. */
const obstacleTo = async (
  ports: CreateSitePorts,
  wanted: OfferedTrial,
): Promise<Exclude<Obstacle, 'version'> | undefined> => {
  const { hostname } = wanted.ownership
  const [isUsed, isHeld] = await Promise.all([
    hasUsedTrial(ports, wanted.ownership),
    ports.sites.isHostnameHeld(hostname),
  ])
  // Last, because a concurrent request with the same key may have used both.
  if ((await createdBefore(ports, wanted)) !== undefined) return 'idempotency'
  if (isUsed) return 'trial'
  return isHeld ? 'hostname' : undefined
}

/**
 * The current version or, before there is one, the draft.
 * @throws {SitewrightError} `BlueprintUnknown`, or `BlueprintUnavailable` if the first version failed.
 */
const buildable = (
  name: string,
  current: Blueprint | undefined,
  status: BlueprintStatus | undefined,
): { readonly blueprint: Blueprint; readonly draft?: number } => {
  if (current !== undefined) return { blueprint: current }
  const draft = openDraft(status, undefined)
  if (draft !== undefined) return { blueprint: draft.blueprint, draft: draft.revision }
  const failed = status?.draft?.blueprint
  if (failed === undefined) {
    throw new SitewrightError('BlueprintUnknown', `Blueprint '${name}' is offered, but was never published.`)
  }
  const message = `'${failed.title}' cannot be built now: its software does not start. We were notified. Try again later.`
  throw new SitewrightError('BlueprintUnavailable', message)
}

const buildOwn = async (ports: CreateSitePorts, wanted: OfferedTrial) => {
  const [latest, status, obstacle] = await Promise.all([
    ports.blueprints.latest(wanted.blueprint),
    ports.blueprints.status(wanted.blueprint),
    obstacleTo(ports, wanted),
  ])
  if (obstacle !== undefined) return obstacle
  const { blueprint, draft } = buildable(wanted.blueprint, await currentBlueprint(ports, latest), status)
  const now = ports.clocks.wall()
  const imageFailure = blockingFailure(status, blueprint.version, now)
  if (imageFailure !== undefined) return refuseUnavailable(blueprint.title, imageFailure, now)
  const cell = await (await readPlaces(ports))()
  if (cell === undefined) return 'cells-full'
  const id = ports.randomness.id('site')
  const { plan, policy, ownership } = wanted
  const request = {
    ...{ id, cell, plan, ownership, policyVersion: policy.version, ...(draft !== undefined && { draft }) },
    blueprint: { name: blueprint.name, version: blueprint.version },
    entry: entryOf(blueprint),
    reserve: reservationsFor(wanted, id),
  }
  return requestBuild(ports, request, wanted.context)
}

const askedTrial = ({ blueprint, ownership: { accountId, offer, trialOf } }: OfferedTrial): AskedTrial => ({
  ...{ accountId, blueprint },
  ...defined({ offer, trialOf }),
})

const trialAlreadyUsed = (): SitewrightError =>
  new SitewrightError('TrialAlreadyUsed', 'This account already has a trial site.')

const giveSite = async (
  ports: CreateSitePorts,
  wanted: OfferedTrial,
  reservation?: TrialReservation,
): Promise<Site> => {
  const cells = ports.capacities.map(({ name }) => name)
  const claimed = await claimFromPool({ ...wanted, sites: ports.sites, cells }, wanted)
  if (typeof claimed !== 'string' && claimed.status === 'building') return beginBuild(ports, claimed)
  const outcome = claimed === 'pool-empty' ? await buildOwn(ports, wanted) : claimed
  switch (outcome) {
    case 'idempotency':
    case 'cells-full': {
      const earlier = await createdBefore(ports, wanted)
      reservation?.release()
      if (earlier !== undefined) return earlier
      if (outcome === 'idempotency') {
        throw new SitewrightError('Unavailable', 'The earlier request is still in progress. Try again.')
      }
      // The waiting list is for trials.
      if (!isUnderAllowance(wanted.ownership)) await ports.admission.wait(askedTrial(wanted))
      throw new SitewrightError('Unavailable', 'There is no room for another site at the moment. Try again later.')
    }
    case 'trial':
      throw trialAlreadyUsed()
    case 'hostname':
      throw new SitewrightError('HostnameTaken', `The name '${wanted.ownership.slug}' is taken. Choose another.`, {
        fields: [{ path: 'slug', message: slugProblemText.taken }],
      })
    default:
      return outcome
  }
}

/**
 * Gives an account its trial site: a pooled one, or a new build if the pool has none.
 * @throws {SitewrightError} `HostnameNotAllowed`, `HostnameTaken`, `TrialAlreadyUsed`, `IdempotencyKeyReused`,
 *   `OfferClosed`, `WaitingList`, `InvalidRequest` for a blueprint that is not offered.
 */
export const createSite = async (ports: CreateSitePorts, command: CreateSite): Promise<Site> => {
  const { accountId, actor, causationId, idempotencyKey, name = command.slug } = command
  const slug = allowedSlug(command.slug, ports.reservedSlugs)
  const offer = ports.offers.find(command.offer)
  requireOpen(offer, ports.clocks.domain())
  const blueprint = offeredBlueprint(command.blueprint, command.blueprintOfSignup, blueprintsOf(offer, ports))
  const wanted: OfferedTrial = {
    ownership: {
      ...{ accountId, slug, hostname: hostnameOf(slug, ports.sitesDomain), name, since: ports.clocks.domain() },
      ...trialBy(offer),
    },
    blueprint,
    plan: offer.trialPlan ?? ports.plans.trial.id,
    policy: policyOf(offer, command.variant, ports.policies),
    context: { actor, causationId, clocks: ports.clocks, randomness: ports.randomness },
    ...(idempotencyKey && {
      idempotent: {
        ...{ scope: accountId, key: idempotencyKey },
        request: { slug, name, blueprint, ...defined({ offer: command.offer }) },
      },
    }),
  }

  // The store refuses a second trial of a kind. Only here may an account have trials of both kinds.
  const mayHaveOthers = ports.offers.all.some(({ trials }) => trials !== offer.trials)
  const isRefused = mayHaveOthers && offer.trials === 'one-ever' && (await hasUsedTrial(ports, wanted.ownership))
  if (isRefused && (await createdBefore(ports, wanted)) === undefined) throw trialAlreadyUsed()
  const reservation = await ports.admission.take(blueprint)
  if (reservation !== undefined) {
    return giveSite(ports, wanted, reservation).catch((error: unknown) => {
      reservation.release()
      throw error
    })
  }
  const earlier = await createdBefore(ports, wanted)
  if (earlier !== undefined) return earlier
  if (await hasUsedTrial(ports, wanted.ownership)) throw trialAlreadyUsed()
  await ports.admission.requireInvitation(askedTrial(wanted))
  return giveSite(ports, wanted)
}

/** How many sites an account has under its allowance, in whatever places: the number may have been larger. */
const heldUnderAllowance = async ({ sites }: CreateSitePorts, accountId: AccountId): Promise<number> => {
  const all = await sitesOf(sites, accountId)
  const held = all.filter(({ status }) => status !== 'purged' && status !== 'failed')
  return held.filter((site) => isUnderAllowance(ownershipOf(site) ?? {})).length
}

/**
 * Gives an account a site under its allowance, in the first place that is free. It is no trial, so no limit of trials holds.
 * @throws {SitewrightError} `HostnameNotAllowed`, `HostnameTaken`, `IdempotencyKeyReused`, `LimitsExceeded` if it has as many,
 * `Unavailable` if no cell has room.
 */
export const createUnderAllowance = async (
  ports: CreateSitePorts,
  { accountId, actor, causationId, idempotencyKey, slug: asked, name = asked }: CreateSite,
  { plan, sites }: NonNullable<Account['allowance']>,
): Promise<Site> => {
  const slug = allowedSlug(asked, ports.reservedSlugs)
  const blueprint = offeredBlueprint(undefined, undefined, ports.offeredBlueprints)
  const requestOf = (number: number): OfferedTrial => ({
    ownership: {
      ...{ accountId, slug, hostname: hostnameOf(slug, ports.sitesDomain), name, since: ports.clocks.domain() },
      trialOf: allowanceSlot(number),
    },
    ...{ blueprint, plan, policy: ports.policies.current },
    context: { actor, causationId, clocks: ports.clocks, randomness: ports.randomness },
    ...(idempotencyKey && { idempotent: { scope: accountId, key: idempotencyKey, request: { slug, name, plan } } }),
  })
  const earlier = await createdBefore(ports, requestOf(1))
  if (earlier !== undefined) return earlier
  const hasRoom = (await heldUnderAllowance(ports, accountId)) < sites
  for (let number = 1; hasRoom && number <= sites; number += 1) {
    const wanted = requestOf(number)
    // The index may lag: the transaction decides.
    if (await hasUsedTrial(ports, wanted.ownership)) continue
    try {
      return await giveSite(ports, wanted)
    } catch (error) {
      if (!isErrorOfKind(error, 'TrialAlreadyUsed')) throw error
    }
  }
  const message = `This account may have ${sites} sites with software of its own, and has them. Delete one, or ask for a larger allowance.`
  throw new SitewrightError('LimitsExceeded', message)
}
