import fc from 'fast-check'
import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Target } from '../../../core/site/operation.ts'
import { isLive, type LiveSite } from '../../../core/site/site.ts'
import { relocatedBlueprint } from './life.ts'
import { otherCell } from './sim-cells.ts'
import type { SimWorld } from './sim-world.ts'

const site = fc.nat({ max: 7 })

/** What happens to where a site is, and what it runs. */
export type RelocationStep =
  | { readonly does: 'relocate-now' | 'configure' | 'accept-relocation'; readonly site: number }
  | { readonly does: 'switch-back' | 'confirm' | 'withdraw'; readonly site: number }
  | {
      readonly does: 'agree'
      readonly site: number
      readonly parts: readonly Part[]
      readonly hours: number
      readonly isContract: boolean
    }

const parts = ['plan', 'blueprint', 'configuration', 'cell'] as const
type Part = (typeof parts)[number]

const ofSite = (...does: readonly Exclude<RelocationStep, { parts: unknown }>['does'][]) =>
  fc.record({ does: fc.constantFrom(...does), site })

export const relocationSteps: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<RelocationStep> }[] =
  [
    { weight: 2, arbitrary: ofSite('relocate-now', 'configure') },
    { weight: 2, arbitrary: ofSite('accept-relocation', 'confirm', 'withdraw') },
    { weight: 3, arbitrary: ofSite('switch-back') },
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant('agree' as const),
        site,
        parts: fc.subarray([...parts], { minLength: 1 }),
        hours: fc.integer({ min: 1, max: 100 }),
        isContract: fc.boolean(),
      }),
    },
  ]

type Ask = (method: string, path: string, body?: object) => Promise<unknown>

const otherOf = (cell: string): string => (cell === otherCell ? 'local' : otherCell)

const targetOf = async (world: SimWorld, live: LiveSite, wanted: readonly Part[]): Promise<Target> => {
  const { configurations } = (await world.life()).store
  const [newest] = await configurations.list(live.id)
  const isPlus = live.blueprint.name === relocatedBlueprint
  const all: Required<Omit<Target, 'size'>> = {
    plan: live.plan === 'enterprise' ? 'growth' : 'enterprise',
    blueprint: { name: isPlus ? 'welcome' : relocatedBlueprint, version: 1 },
    configuration: live.configuration === undefined ? (newest?.version ?? 0) : 0,
    cell: otherOf(live.cell),
  }
  return Object.fromEntries(wanted.map((part) => [part, all[part]]))
}

const localTime = (instant: Instant): string => instant.slice(0, 16)
const hour = 3_600_000

/** A site that has a relocation to which it can be done, if there is one. */
const onItsWay = (world: SimWorld, picked: SiteId, isSwitched: boolean): SiteId => {
  const found = world.siteIds.filter((id) => {
    const record = world.record(id)
    return (
      isLive(record) && record.relocation !== undefined && isSwitched === (record.relocation.switched !== undefined)
    )
  })
  return found.includes(picked) ? picked : (found[0] ?? picked)
}

/** Few sites have been switched at any moment: one with an accepted relocation gets to the hour after its window opens. */
const passWindow = async (world: SimWorld, { relocation }: LiveSite): Promise<void> => {
  if (relocation?.state !== 'accepted' || relocation.switched !== undefined) return
  await world.pass(Math.max(0, Date.parse(relocation.window.from) - Date.parse(world.now())) + hour)
  await world.quiet()
}

/** @param askAs asks as the owner of a site. */
export const doRelocationStep = async (
  world: SimWorld,
  step: RelocationStep,
  picked: SiteId,
  askAs: (siteId: SiteId) => Ask,
): Promise<void> => {
  const isNew = step.does === 'agree' || step.does === 'relocate-now' || step.does === 'configure'
  const id = isNew ? picked : onItsWay(world, picked, step.does === 'confirm')
  const ask = (method: string, path: string, body: object) =>
    world.ask({ method, path: `/v1/operator/sites/${id}/${path}`, body, token: world.operator('admin') })
  const reason = 'simulated'
  const accept = async (): Promise<void> => {
    const record = world.record(id)
    const revision = isLive(record) ? record.relocation?.revision : undefined
    if (revision !== undefined) await askAs(id)('POST', '/relocation/accept', { revision })
  }
  const record = world.record(id)
  if (!isLive(record)) return
  switch (step.does) {
    case 'relocate-now':
      await ask('POST', 'relocation', { cell: otherOf(record.cell), reason })
      return
    case 'configure': {
      const variables = { THEME: `theme-${world.integer(10)}` }
      await ask('POST', 'configuration', { variables, secrets: {}, basedOn: record.configuration ?? 0, reason })
      return
    }
    case 'agree': {
      const target = await targetOf(world, record, step.parts)
      const from = plusMilliseconds(world.now(), step.hours * hour)
      const window = { from: localTime(from), until: localTime(plusMilliseconds(from, 6 * hour)), timeZone: 'UTC' }
      const contract = { number: '4711', firstDay: from.slice(0, 10), lastDay: '2030-12-31' }
      const isContract = step.isContract || target.plan === 'enterprise'
      await ask('PUT', 'relocation', { target, window, ...(isContract && { contract }) })
      await ask('POST', 'rehearsal', { target, reason })
      await world.quiet()
      return accept()
    }
    case 'accept-relocation':
      return accept()
    case 'switch-back': {
      await passWindow(world, record)
      const now = world.record(id)
      const to = isLive(now) && now.relocation?.state === 'returned' ? 'switched' : 'returned'
      await ask('POST', 'relocation/switch-back', { to, reason })
      return
    }
    case 'confirm':
    case 'withdraw':
      await ask('POST', `relocation/${step.does}`, { reason })
  }
}
