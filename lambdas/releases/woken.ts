import * as z from 'zod'
import type { SiteStore } from '../../core/ports/stores.ts'
import { type ChosenSite, limitOf, type Rollout, takenOf } from './rollout.ts'
import type { Rules } from './site-progress.ts'

/** How many sites that sleep each wave wakes besides its own, of its number: they are the evidence for those that wake later. */
export const wokenPolicySchema = z
  .strictObject({
    percent: z.number().min(0).max(100).default(10),
    min: z.int().min(0).max(100).default(1),
    max: z.int().min(0).max(500).default(20),
  })
  .refine(({ min, max }) => min <= max, 'must have a `min` that is not above `max`')
export type WokenPolicy = z.infer<typeof wokenPolicySchema>

const pageSites = 200

/** The sites that the present wave still wakes, as its record says, or as the policy does at the wave's begin. */
const wokenOf = (rollout: Rollout, { percent, min, max }: WokenPolicy): NonNullable<Rollout['woken']> => {
  const { woken, wave, total = 0 } = rollout
  if (woken?.wave === wave) return woken
  const sites = Math.max(0, Math.min(limitOf(rollout), total) - takenOf(rollout))
  const left = Math.min(max, Math.max(min, Math.ceil((sites * percent) / 100)))
  return { wave, sites: woken?.sites ?? 0, left }
}

/** Chooses some sites that sleep and wakes them. A site that fails so halts the roll-out before the others wake. */
export const chooseWoken = async (
  sites: Pick<SiteStore, 'statusPage'>,
  { rollout, isCandidate }: { readonly rollout: Rollout } & Pick<Rules, 'isCandidate'>,
  { room, now, policy }: { readonly room: number; readonly now: string; readonly policy: WokenPolicy },
): Promise<Rollout> => {
  const { cursor: from, ...woken } = wokenOf(rollout, policy)
  const version = rollout.version + 1
  if (woken.left === 0) return { ...rollout, version, woken }
  const { items, cursor } = await sites.statusPage('asleep', { limit: pageSites, cursor: from })
  const known = new Set<string>(rollout.chosen.map(({ siteId }) => siteId))
  // A site that keeps the version that it has, and loses only an assignment, proves nothing.
  const met = items.filter((site) => !known.has(site.id) && site.blueprint.version !== rollout.to && isCandidate(site))
  const added = met
    .slice(0, Math.min(room, woken.left))
    .map(({ id }): ChosenSite => ({ siteId: id, at: now, wakes: true }))
  const isPageDone = added.length === met.length
  const left = isPageDone && cursor === undefined ? 0 : woken.left - added.length
  const next = isPageDone ? cursor : from
  return {
    ...rollout,
    version,
    checkedAt: now,
    chosen: [...rollout.chosen, ...added],
    woken: { ...woken, sites: woken.sites + added.length, left, ...(next !== undefined && { cursor: next }) },
  }
}
