import fc from 'fast-check'
import type { DomainEvent } from '../../../core/events/event.ts'
import { endCellFailures } from './cell-steps.ts'
import { relocatedBlueprint } from './life.ts'
import { simProblems, versionProblems } from './sim-invariants.ts'
import { createSimWorld, type SimWorld } from './sim-world.ts'
import { doStep, type Step, stepArbitrary } from './steps.ts'
import type { StoredItems } from './stored-items.ts'

/** Enough days for a complete trial: 14 and 21 and 90 days, an extension, a deletion. */
const days = 200
const maxSteps = 60
const hour = 3_600_000
/** Longer than a pause between two attempts lasts. */
const quietHours = 4

/** Somebody is there from the start, and has something to lose. */
const beginning: readonly Step[] = [
  { does: 'sign-up' },
  { does: 'sign-up' },
  { does: 'write', site: 0 },
  { does: 'write', site: 1 },
  { does: 'buy', site: 0, plan: 'starter', interval: 'month' },
  { does: 'own-software' },
  { does: 'environment', act: 'create', name: 'qa', pick: 0 },
]

class StepCommand implements fc.AsyncCommand<object, SimWorld> {
  private readonly step: Step
  constructor(step: Step) {
    this.step = step
  }
  check(): boolean {
    return true
  }
  async run(_model: object, world: SimWorld): Promise<void> {
    await doStep(world, this.step)
    if (world.outside.violations.length > 0) throw new Error(world.outside.violations.join('\n'))
  }
  toString(): string {
    const { does, ...rest } = this.step
    return [does, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(' ')
  }
}

/** A site is suspended while a version is rolled out, and returns; some hours later, no site that returned may have an older one. */
const missRollout = async (world: SimWorld): Promise<void> => {
  const site = world.siteIds.findIndex((id) => world.record(id)?.status === 'active')
  if (site !== -1) await doStep(world, { does: 'operator', act: 'suspend', site })
  await doStep(world, { does: 'roll-out-act', act: 'abort' })
  await doStep(world, { does: 'roll-out', to: 3 })
  for (let passed = 0; passed < quietHours; passed += 1) await world.pass(hour)
  if (site !== -1) await doStep(world, { does: 'operator', act: 'resume', site })
  for (let passed = 0; passed < quietHours; passed += 1) await world.pass(hour)
  const problems = versionProblems(world.stored())
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

const releaseBrake = async (world: SimWorld): Promise<void> => {
  const answer = await world.ask({
    method: 'POST',
    path: '/v1/operator/brake/release',
    body: { reason: 'the end of a run' },
    token: world.operator('admin'),
  })
  if (answer?.status !== 200 && answer?.status !== 409) throw new Error(`the brake was not released: ${answer?.status}`)
}

/**
 * Faults end, Stripe answers, and the brake is released. A host that slept has to look first: that trips the brake, and no site is upgraded
 * before somebody releases it.
 */
export const endFailures = async (world: SimWorld): Promise<void> => {
  world.setFaults(0)
  world.outside.setJobFaults(0)
  await endCellFailures(world)
  world.stripe.fallSilent(0)
  await world.pass(0)
  await releaseBrake(world)
  await world.quiet()
}

/** Failures end, and time passes until nothing is left to be done. */
const comeToRest = async (world: SimWorld, began: string): Promise<void> => {
  await endFailures(world)
  const day = 86_400_000
  await missRollout(world)
  const passed = Date.parse(world.now()) - Date.parse(began)
  for (let left = days * day - passed; left > 0; left -= 20 * day) {
    await world.pass(Math.min(left, 20 * day))
    await releaseBrake(world)
  }
  world.endRenewals()
  // What failed by then is tried again within the hour that a pause may last, and what is left over goes after being watched.
  for (let passed = 0; passed < 30; passed += 1) await world.pass(hour)
}

/** What happened in runs, counted: that everything holds says little where nothing happens. */
export type Tally = Map<string, number>

const wakesOfDormant = (events: readonly DomainEvent[]): number => {
  const dormant = new Set<string>()
  let wakes = 0
  for (const { type, data, aggregate } of events) {
    if (type === 'SiteOperationEnded' && data.operation === 'dormancy') dormant.add(aggregate.id)
    if (type === 'SiteWoke' && dormant.delete(aggregate.id)) wakes += 1
  }
  return wakes
}

/** An upgrade that no roll-out asked for. */
const upgradeOf = ({ type, data }: DomainEvent): string | undefined => {
  if (!('operation' in data) || data.operation !== 'upgrade') return undefined
  if (type === 'SiteMoved') return 'a site that gets the size of its plan'
  return undefined
}

const environmentIn = ({ type, data }: DomainEvent): readonly string[] =>
  'environmentOf' in data && data.environmentOf !== undefined ? [`an environment: ${type}`] : []

/** What changed of where a site is, and what it runs. */
const relocationsIn = ({ type, data }: DomainEvent, cell: string | undefined): readonly string[] => {
  const isOther = type === 'SiteUpgraded' || type === 'SitePlanChanged' || type === 'SiteMoved'
  const isRestored = type === 'SiteUpgraded' && data.restored !== undefined
  return [
    ...(type === 'SiteWoke' && data.to !== undefined ? ['a site that wakes with another version'] : []),
    ...('relocation' in data && data.relocation !== undefined ? [`a relocation ${data.relocation}`] : []),
    ...(isOther && cell !== undefined && cell !== data.cell ? ['a site in another cell'] : []),
    ...(isOther && data.blueprint.name === relocatedBlueprint ? ['a site with another blueprint'] : []),
    ...(isRestored && data.askedBy === 'system' ? ['a site of a lost cell that was restored'] : []),
    ...(isRestored && data.askedBy === 'operator' ? ['a release copy that an operator restores'] : []),
  ]
}

/** A cell that at least one site has left. */
const leftCell = ({ type, data }: DomainEvent): readonly string[] =>
  type === 'RolloutFinished' && 'kind' in data && data.done > 0 ? [`a ${data.kind} of a cell that ended`] : []

const count = (tally: Tally, world: SimWorld, { events, sites }: StoredItems): void => {
  const add = (what: string, number = 1): void => {
    if (number > 0) tally.set(what, (tally.get(what) ?? 0) + number)
  }
  add('a dormant site that wakes', wakesOfDormant(events))
  add('a site with another configuration', sites.filter(({ configuration }) => configuration !== undefined).length)
  const cells = new Map<string, string>()
  for (const event of events) {
    const { type, data, aggregate } = event
    const upgrade = upgradeOf(event)
    if (upgrade !== undefined) add(upgrade)
    for (const what of leftCell(event)) add(what)
    for (const what of [...relocationsIn(event, cells.get(aggregate.id)), ...environmentIn(event)]) add(what)
    if ('cell' in data) cells.set(aggregate.id, data.cell)
    const outcome = 'outcome' in data && data.outcome !== undefined ? ` ${data.operation} ${data.outcome}` : ''
    const because = type === 'SiteSuspended' ? ` ${data.because}` : ''
    add(`${type}${outcome}${because}`)
  }
  for (const what of world.stripe.happened) add(what)
  add('a call that failed', world.faultsTaken())
  add('a host that was killed', world.lives() - 1)
  add('a write that was acknowledged', [...world.outside.acknowledged.values()].flat().length)
}

const runStory = async (
  seed: number,
  tally: Tally,
  commands: Iterable<fc.AsyncCommand<object, SimWorld>>,
): Promise<void> => {
  const world = await createSimWorld(seed)
  try {
    const began = world.now()
    await world.sweep()
    for (const step of beginning) await doStep(world, step)
    await fc.asyncModelRun(() => ({ model: {}, real: world }), commands)
    await comeToRest(world, began)
    const stored = world.stored()
    count(tally, world, stored)
    const problems = simProblems(world, stored)
    if (problems.length > 0) throw new Error(problems.join('\n'))
  } finally {
    await world.end()
  }
}

/**
 * One life of a whole place, from a seed: people, payments, operators, faults, crashes, zombies, over 200 days.
 * @param isShortest whether a story that fails is made as short as possible: takes minutes
 * @returns undefined where everything held; otherwise what broke, by which story.
 */
export const simulate = async (seed: number, tally: Tally, isShortest: boolean): Promise<string | undefined> => {
  const commands = fc.commands([stepArbitrary.map((step) => new StepCommand(step))], {
    maxCommands: maxSteps,
    size: 'max',
  })
  const property = fc.asyncProperty(commands, (story) => runStory(seed, tally, story))
  const result = await fc.check(property, { seed, numRuns: 1, endOnFailure: !isShortest })
  if (!result.failed) return undefined
  const [story] = result.counterexample ?? []
  const error = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance)
  return [`seed ${seed}`, `  story: ${String(story)}`, `  broke: ${error}`].join('\n')
}
