import { setTimeout as pause } from 'node:timers/promises'
import { DeleteServiceCommand } from '@aws-sdk/client-ecs'
import type { SiteId } from '../../../core/ids.ts'
import { type Extent, pointsOf } from '../../support/faults/extent.ts'
import { archiverHere } from '../support/archiver-here.ts'
import { type FaultKind, faultKinds } from '../support/fault-kind.ts'
import { probeProcesses, type StartedAws, startAws } from '../support/start-aws.ts'
import { openAwsWorld, type SweptWorld } from './aws-world.ts'
import { brokenInvariants, type Ending, losses } from './invariants.ts'

export interface AwsScenario {
  readonly name: string
  readonly health: 'well' | 'sick'
  /** Without faults: brings about what has to be there before. What it returns is swept. */
  readonly prepare: (world: SweptWorld, siteId: SiteId) => Promise<() => Promise<unknown>>
  readonly expected: Ending
  /** What else time brings while it is not as expected. */
  readonly again?: (world: SweptWorld) => Promise<unknown>
  /** It begins with looks at every shard of an index, of which each is like the one before. */
  readonly readsShards?: boolean
}

interface Point {
  readonly call: string
  readonly kind: FaultKind
}

interface Run {
  readonly calls: readonly string[]
  readonly reached: boolean
  readonly problems: readonly string[]
}

/** What heals by itself on AWS within minutes: the schedules. */
const heal = async (world: SweptWorld, { again }: AwsScenario): Promise<void> => {
  for (const name of ['heal-work', 'act-on-deadlines', 'reconcile-sites']) {
    await world.invoke(name, { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} }).catch(() => undefined)
    await world.settled()
  }
  await again?.(world).catch(() => undefined)
  await world.settled()
}

/** Ends the task of a site that is not looked at any more: hundreds of them would need gigabytes. */
const end = async ({ aws, cell }: SweptWorld, service: SiteId): Promise<void> => {
  const command = new DeleteServiceCommand({ cluster: cell.clusterArn, service, force: true })
  await aws.clients.ecs.send(command).catch(() => undefined)
}

const rounds = 12

const runWorld = async (aws: StartedAws, scenario: AwsScenario, point?: Point): Promise<Run> => {
  const world = await openAwsWorld(aws, scenario.health)
  const siteId = world.newSiteId()
  try {
    const act = await scenario.prepare(world, siteId)
    await world.settled()
    world.proxy.arm(point)
    await act().catch(() => undefined)
    await world.settled()
    const calls = world.proxy.calls()
    const reached = world.proxy.wasReached()
    world.proxy.disarm()
    const lost = await losses(world, siteId)
    if (lost.length > 0) return { calls, reached, problems: lost }
    let problems = await brokenInvariants(world, siteId, scenario.expected)
    for (let round = 0; problems.length > 0 && round < rounds; round += 1) {
      await heal(world, scenario)
      problems = await brokenInvariants(world, siteId, scenario.expected)
      if (problems.length > 0) await pause(200 * round)
    }
    return { calls, reached, problems: [...problems, ...(await losses(world, siteId))] }
  } catch (error) {
    return {
      calls: [],
      reached: true,
      problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }
  } finally {
    await end(world, siteId)
    await world.close()
  }
}

/** A call that waits for something looks again as often as time allows: what comes after the first two is the same again. */
const polls = /^(ecs\.(Describe|List)|elasticfilesystem\.GET|s3\.GET|dynamodb\.GetItem|secretsmanager\.|ssm\.Get)/
/** A read of one shard of an index. */
const shards = /^dynamodb\.Query/

const isSwept = (call: string, { readsShards = false }: AwsScenario): boolean => {
  const isAgain = polls.test(call) || (readsShards && shards.test(call))
  return !isAgain || Number(call.slice(call.lastIndexOf('#') + 1)) <= 2
}

export interface AwsSweep {
  readonly calls: readonly string[]
  readonly points: number
  readonly unreached: readonly string[]
  readonly failures: readonly string[]
}

/** Runs a scenario once to learn its calls of AWS, and then once for each way that each of them can go wrong. */
export const sweepAws = async (scenario: AwsScenario, extent: Extent): Promise<AwsSweep> => {
  const aws: StartedAws = await startAws({
    run: (containers, place) =>
      (containers[0]?.name === 'archiver' ? archiverHere(() => aws.clients.s3) : probeProcesses)(containers, place),
  })
  const failures: string[] = []
  const unreached: string[] = []
  try {
    const clean = await runWorld(aws, scenario)
    if (clean.problems.length > 0) failures.push(['without a fault', ...clean.problems].join('\n  '))
    const swept = clean.calls.filter((call) => isSwept(call, scenario))
    const points = failures.length > 0 ? [] : pointsOf(swept, faultKinds, extent)
    for (const point of points) {
      const { reached, problems } = await runWorld(aws, scenario, point)
      if (!reached) unreached.push(`${point.call} ${point.kind}`)
      if (problems.length > 0) failures.push([`${point.call} ${point.kind}`, ...problems].join('\n  '))
    }
    return { calls: clean.calls, points: points.length, unreached, failures }
  } finally {
    await aws.close()
  }
}
