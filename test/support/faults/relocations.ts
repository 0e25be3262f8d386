import { findLeftovers } from '../../../adapters/leftovers/find-leftovers.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { type Blueprint, parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import { changeSite } from '../../../core/site/change-site.ts'
import type { ChangeContext } from '../../../core/site/lifecycle.ts'
import type { Target } from '../../../core/site/operation.ts'
import type { Relocation } from '../../../core/site/relocation.ts'
import { isLive, type LiveSite } from '../../../core/site/site.ts'
import { beginSwap } from '../../../lambdas/releases/swap/begin-swap.ts'
import { noteForecast } from '../../../lambdas/relocations/note-rehearsal.ts'
import { acceptRelocation, draftRelocation } from '../../../lambdas/relocations/relocation-changes.ts'
import { samplePolicy } from '../sample-policy.ts'
import { keptSite, type OwnedSite } from './owned-site.ts'
import { tinyBlueprint } from './tiny-blueprint.ts'
import { otherCell } from './two-cells.ts'
import { expectStatus, insist } from './visitor.ts'
import type { World } from './world.ts'

/** What one customer gets: it has a command, which may only read, as the sweep compares the data. */
const otherBlueprint: Blueprint = parseBlueprint(
  {
    ...tinyBlueprint('well'),
    name: 'tiny-plus',
    release: {
      migrates: true,
      command: ['node', '-e', "fs.readFileSync(process.env.DATA_DIRECTORY + '/kept')"],
      checks: [{ path: '/', contains: 'site_' }, { path: '/kept' }],
    },
  },
  'the blueprint of one customer',
)

export const everyPart: Target = {
  blueprint: { name: 'tiny-plus', version: 1 },
  configuration: 1,
  plan: 'growth',
  cell: otherCell,
}

const contextOf = (world: World): ChangeContext => ({
  actor: { kind: 'system' },
  causationId: 'a-relocation',
  clocks: { domain: world.clock.domain, wall: world.clock.now },
  randomness: createRandomness(),
})

const liveSite = async (world: World, { id }: OwnedSite): Promise<LiveSite> => {
  const site = await keptSite(world, id)
  if (isLive(site)) return site
  throw new Error(`${id} is ${site.status}`)
}

/** Publishes the other blueprint, and stores a configuration that no site runs with yet. */
export const prepareTargets = async (world: World, { id: siteId }: OwnedSite): Promise<void> => {
  const { blueprints, configurations } = (await world.host()).store
  await blueprints.publish(otherBlueprint)
  await configurations.add({
    ...{
      schemaVersion: 1,
      siteId,
      version: 1,
      at: world.clock.now(),
      actor: { kind: 'system' },
      reason: 'A contract.',
    },
    ...{ basedOn: 0, changed: ['COLOUR'], variables: { COLOUR: 'blue' }, secrets: {} },
  })
}

/** Begins to change parts of a site at once; begun before, it is left alone. */
export const swapTo = async (world: World, owned: OwnedSite, target: Target): Promise<void> => {
  const { sites } = (await world.host()).store
  await changeSite(sites, owned.id, (site) =>
    isLive(site) && site.operation === undefined
      ? beginSwap(site, { target, copies: false, runs: target.blueprint !== undefined }, contextOf(world))
      : undefined,
  )
  await world.tick('heal-work')
  await world.quiet()
}

const token = 'operator.ada.signed'

/** As an administrator does who relocates by hand. Asked once more, it is there already. */
export const relocateByHand = async (world: World, { id }: OwnedSite, cell: string): Promise<void> => {
  const path = `/v1/operator/sites/${id}/relocation`
  const answer = await insist(world, { method: 'POST', path, token, body: { cell, reason: 'More room.' } })
  expectStatus(answer, 202, ...(answer.repeated ? [409] : []))
  await world.quiet()
}

/** Sets a variable of a site. Asked once more, another version is in use. */
export const configure = async (world: World, { id }: OwnedSite, colour: string): Promise<void> => {
  const path = `/v1/operator/sites/${id}/configuration`
  const body = { variables: { COLOUR: colour }, secrets: {}, basedOn: 0, reason: 'A contract.' }
  const answer = await insist(world, { method: 'POST', path, token, body })
  expectStatus(answer, 202, ...(answer.repeated ? [409] : []))
  await world.quiet()
}

/** Goes to the other side of a relocation, of which somebody sees this state. */
export const switchBack = async (
  world: World,
  { id }: OwnedSite,
  to: 'switched' | 'returned' = 'returned',
): Promise<void> => {
  const path = `/v1/operator/sites/${id}/relocation/switch-back`
  const answer = await insist(world, { method: 'POST', path, token, body: { to, reason: 'It lost pages.' } })
  expectStatus(answer, 202)
  await world.quiet()
}

/** Plans a relocation that was rehearsed, and accepts it for the owner. @returns its window. */
export const agreeOnRelocation = async (
  world: World,
  owned: OwnedSite,
  target: Target,
): Promise<{ readonly from: Instant; readonly until: Instant }> => {
  const { sites } = (await world.host()).store
  const now = world.clock.domain()
  const window = { from: plusDays(now, 2), until: plusDays(now, 5), timeZone: 'Europe/Berlin' }
  const context = contextOf(world)
  const commit = async (change: Parameters<typeof sites.commit>[0] | undefined): Promise<void> => {
    if (change === undefined || !(await sites.commit(change)).done) throw new Error('nothing was changed')
    await world.quiet()
  }
  const contract = { number: '4711', firstDay: '2027-01-01', lastDay: '2027-12-31' }
  const draft = { target, window, contract, confirmDays: 14 }
  await commit(draftRelocation(await liveSite(world, owned), draft, 'op_ada', context))
  const drafted = await liveSite(world, owned)
  await commit(noteForecast(drafted, { ...drafted, target, seconds: 60, at: now }, context))
  const site = await liveSite(world, owned)
  const acceptance = { revision: 1, personId: 'prsn_01jq3v5k8m0000000000000000' } as const
  await commit(acceptRelocation(site, acceptance, samplePolicy, context))
  return window
}

/** Turns the clock to an instant, and does what is due of relocations then. */
export const relocateAt = async (world: World, instant: Instant): Promise<void> => {
  world.clock.turnTo(instant)
  await world.tick('act-on-deadlines')
  await world.quiet()
}

export interface Wanted {
  readonly parts: Target
  readonly state?: Relocation['state']
}

/** What differs from how a site should be now; it runs with the values of its configuration. */
export const wrongParts = async (world: World, owned: OwnedSite, asked: Wanted): Promise<readonly string[]> => {
  const site = await liveSite(world, owned)
  const { blueprint, plan, cell, configuration = 0, operation, relocation } = site
  const found = { blueprint, configuration, plan, cell }
  const { parts, state } = asked
  // Whoever got no answer asks again, and leaves a version of the same values that nothing uses.
  const isLater = parts.configuration !== undefined && parts.configuration > 1 && configuration > parts.configuration
  const wanted = { ...found, ...parts, ...(isLater && { configuration }) }
  const isIt = JSON.stringify(wanted) === JSON.stringify(found)
  const [process] = await findLeftovers(world.homeId, 'site')
  const colour = configuration === 0 ? 'red' : 'blue'
  return [
    ...(isIt ? [] : [`${site.id} has ${JSON.stringify(found)}`]),
    ...(operation === undefined ? [] : [`${site.id} is under '${operation.kind}'`]),
    ...(relocation?.state === state ? [] : [`its relocation is ${JSON.stringify(relocation)}`]),
    ...(site.status !== 'active' || process?.environment['COLOUR'] === colour
      ? []
      : [`it runs with ${process?.environment['COLOUR']}`]),
  ]
}
