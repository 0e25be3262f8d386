import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { homeOf } from '../../../core/site/location.ts'
import { isKept, type KeptSite } from '../../../core/site/site.ts'
import config from '../../../sitewright.config.ts'
import { writeContent } from './site-content.ts'
import { createSite, signIn } from './visitor.ts'
import type { World } from './world.ts'

/** A site that has an owner and data, and the owner's token. */
export interface OwnedSite {
  readonly id: SiteId
  readonly token: string
}

const [policy] = config.trialPolicies
if (policy === undefined) throw new Error('there is no trial policy')

const email = 'ada@example.com'

/** Claims the one site of the pool, and writes something into it. */
export const ownSite = async (world: World): Promise<OwnedSite> => {
  const { token } = await signIn(world, email)
  world.pool.target = 0
  const id = await createSite(world, email, token, 'shop')
  await world.quiet()
  const { storage } = await world.host()
  world.kept.set(id, await writeContent(storage.directoryOf(homeOf(await keptSite(world, id)))))
  return { id, token }
}

/** The site as it is stored now. */
export const keptSite = async (world: World, id: SiteId): Promise<KeptSite> => {
  const site = await (await world.host()).store.sites.get(id)
  if (isKept(site)) return site
  throw new Error(`${id} is ${site?.status}`)
}

/** Advances the clock to a moment after an instant, and does what is due then. */
export const actAt = async (world: World, instant: Instant): Promise<void> => {
  world.clock.turnTo(plusMilliseconds(instant, 1000))
  await world.tick('act-on-deadlines')
  await world.quiet()
}

export const reminderAt = async (world: World, { id }: OwnedSite): Promise<Instant> =>
  plusDays((await keptSite(world, id)).trialEndsAt, -Math.max(...policy.reminderDaysBefore))

export const suspensionAt = async (world: World, { id }: OwnedSite): Promise<Instant> =>
  (await keptSite(world, id)).trialEndsAt

/** Some minutes may pass between what is due and the act that the next deadline counts from. */
const sureDays = 1

export const archivingAt = async (world: World, owned: OwnedSite): Promise<Instant> =>
  plusDays(await suspensionAt(world, owned), policy.graceDays + sureDays)

export const purgeAt = async (world: World, owned: OwnedSite): Promise<Instant> =>
  plusDays(await archivingAt(world, owned), policy.retentionDays + sureDays)

/** When a deletion is past revoking that the owner asks for now. */
export const deletionAt = (world: World): Instant => plusDays(world.clock.domain(), policy.deletionDays + sureDays)

/** An owned site whose trial has ended. */
export const suspendedSite = async (world: World): Promise<OwnedSite> => {
  const owned = await ownSite(world)
  await actAt(world, await suspensionAt(world, owned))
  return owned
}

/** An owned site that only its archive is left of. */
export const archivedSite = async (world: World): Promise<OwnedSite> => {
  const owned = await suspendedSite(world)
  await actAt(world, await archivingAt(world, owned))
  return owned
}

/** Coming back uses the owner's one extension, however often it is requested. */
export const hasUsedOneExtension = async (world: World): Promise<readonly string[]> => {
  const sites = await Promise.all([...world.accepted.keys()].map((id) => keptSite(world, id)))
  return sites.flatMap(({ id, extensionsUsed }) =>
    extensionsUsed === 1 ? [] : [`${id} has used ${extensionsUsed} extensions`],
  )
}

/** The subjects of everything that was mailed to the owner. */
export const mailedSubjects = async (world: World): Promise<readonly string[]> =>
  (await (await world.host()).mailbox.list({ to: email })).map(({ subject }) => subject)
