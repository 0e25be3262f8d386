import {
  type CloudWatchLogsClient,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs'
import type { Container, Task } from '@aws-sdk/client-ecs'
import * as z from 'zod'
import type { SiteId } from '../../core/ids.ts'
import { toInstant } from '../../core/instant.ts'
import {
  type ContainerEnd,
  type ContainerLog,
  type ObservedContainer,
  outputBounds,
  type SiteObserver,
  type SiteRuntime,
} from '../../core/ports/runtime.ts'
import { lastLines } from '../../lambdas/sites/evidence/evidence.ts'
import type { TaskNews } from '../../lambdas/sites/run/follow-task.ts'
import { askingIfThere } from '../cells/aws-calls.ts'
import type { SitePorts } from '../dynamodb/site-ports.ts'
import { linesOf } from '../site-runtime/output.ts'
import type { CellDirectory } from '../ssm/cell-directory.ts'
import type { createSiteServices } from './site-services.ts'
import { type createSiteTasks, everOf, type FamilyTasks, privateAddress, siteOfGroup } from './site-tasks.ts'

/** A count of ends may be this old: each check costs two calls. */
const countMilliseconds = 5000
const maxCounts = 1000

/** 143 and 137 are how ECS ends the containers beside the one that ended. */
const endedByEcs: ReadonlySet<number> = new Set([137, 143])

const isOutOfMemory = ({ reason }: Container): boolean => reason?.startsWith('OutOfMemoryError') === true

const isUnpulled = ({ reason }: Container): boolean => reason?.startsWith('CannotPull') === true

/** The containers whose end, or missing image, ended their task. */
const endedFirst = ({ stopCode, containers = [] }: Task): readonly Container[] => {
  if (stopCode === 'TaskFailedToStart') return containers.filter(isUnpulled)
  if (stopCode !== 'EssentialContainerExited') return []
  const own = containers.filter((one) => isOutOfMemory(one) || !endedByEcs.has(one.exitCode ?? 137))
  return own.length > 0 ? own : containers
}

const endOf = (container: Container, { stoppedReason }: Task): ContainerEnd => {
  const reason = container.reason ?? stoppedReason
  return {
    ...(container.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    ...(isOutOfMemory(container) ? { isOutOfMemory: true } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}

const createdAt = (task: Task): number => task.createdAt?.getTime() ?? 0

const idOf = ({ taskArn = '' }: Task): string => taskArn.slice(taskArn.lastIndexOf('/') + 1)

export const createTaskOutput = (logs: CloudWatchLogsClient, logGroupName: string) => {
  const pageOf = async (siteId: SiteId, container: string, task: Task, from: Partial<GetLogEventsCommandInput>) => {
    const page = await askingIfThere('read the output of a site', () =>
      logs.send(
        new GetLogEventsCommand({
          logGroupName,
          logStreamName: `${siteId}/${container}/${idOf(task)}`,
          limit: outputBounds.lines,
          ...from,
        }),
      ),
    )
    const lines = (page?.events ?? []).flatMap(({ message = '' }) => linesOf(message))
    return { lines, next: page?.nextForwardToken ?? '' }
  }

  return {
    pageOf,
    /** The last lines. */
    outputOf: async (siteId: SiteId, container: string, task: Task): Promise<readonly string[]> =>
      (await pageOf(siteId, container, task, { startFromHead: false })).lines,
  }
}

/** What ECS and CloudWatch know of the tasks of a cell's sites. ECS forgets a stopped task after about an hour. */
export const createTaskObserver = (options: {
  readonly output: ReturnType<typeof createTaskOutput>
  readonly tasks: FamilyTasks
  readonly familyOf: (siteId: SiteId) => string
  readonly commandFamilyOf: (siteId: SiteId) => string
  readonly ports: Pick<SitePorts, 'portOf'>
}): SiteObserver => {
  const { tasks, familyOf, commandFamilyOf, ports } = options
  const { pageOf, outputOf } = options.output
  const counts = new Map<string, { readonly at: number; readonly ends: number }>()

  /** @param after the task and CloudWatch's token, divided by a space. A new task is read from its first line. */
  const readLog = async (siteId: SiteId, container: string, task: Task, after = ''): Promise<ContainerLog> => {
    const [seen, nextToken = ''] = after.split(' ')
    const isSame = seen === idOf(task) && nextToken !== ''
    const from = isSame ? { nextToken, startFromHead: true } : { startFromHead: after !== '' }
    const { lines, next } = await pageOf(siteId, container, task, from)
    return { container, lines: lastLines(lines), position: `${idOf(task)} ${next}` }
  }

  const observeContainer = async (siteId: SiteId, name: string, known: readonly Task[]): Promise<ObservedContainer> => {
    // ECS notes what started a task. Ends of an earlier version or command say nothing of what was started last.
    const isOfLast = ({ startedBy }: Task): boolean => startedBy === known.at(-1)?.startedBy
    const ended = known.filter((task) => isOfLast(task) && endedFirst(task).some((one) => one.name === name))
    const last = ended.at(-1)
    const lastContainer = last?.containers?.find((one) => one.name === name)
    // A task that was just created has said nothing yet.
    const output = await Promise.all(known.slice(-2).map((task) => outputOf(siteId, name, task)))
    return {
      name,
      isRunning: known.at(-1)?.containers?.some((one) => one.name === name && one.lastStatus === 'RUNNING') ?? false,
      ends: ended.length,
      ...(last === undefined || lastContainer === undefined ? {} : { lastEnd: endOf(lastContainer, last) }),
      lines: lastLines(output.flat()),
    }
  }

  return {
    countEnds: async ({ siteId }, of) => {
      const now = performance.now()
      const key = [siteId, of?.since].join(' ')
      const before = counts.get(key)
      if (before !== undefined && now - before.at < countMilliseconds) return before.ends
      const ended = await tasks.ofFamily(familyOf(siteId), 'STOPPED')
      // Those of a former launch are older.
      const stopped = ended.filter((task) => of === undefined || createdAt(task) >= Date.parse(of.since))
      const names = stopped.flatMap((task) => endedFirst(task).map(({ name }) => name))
      const ends = Math.max(0, ...names.map((name) => names.filter((other) => other === name).length))
      if (counts.size >= maxCounts) counts.clear()
      counts.set(key, { at: now, ends })
      return ends
    },
    readLogs: async ({ siteId }, after) => {
      const running = await tasks.ofFamily(familyOf(siteId), 'RUNNING')
      const task = running.toSorted((a, b) => createdAt(a) - createdAt(b)).at(-1)
      if (task === undefined) return []
      const names = (task.containers ?? []).flatMap(({ name }) => name ?? [])
      return Promise.all(names.map((name) => readLog(siteId, name, task, after[name])))
    },
    observe: async ({ siteId }) => {
      const families = [familyOf(siteId), commandFamilyOf(siteId)]
      const found = await Promise.all(families.map((family) => everOf(tasks, family)))
      const known = found.flat().toSorted((a, b) => createdAt(a) - createdAt(b))
      const names = (known.at(-1)?.containers ?? []).flatMap(({ name }) => name ?? [])
      if (names.length === 0) return undefined
      const [port, containers] = await Promise.all([
        ports.portOf(siteId),
        Promise.all(names.map((name) => observeContainer(siteId, name, known))),
      ])
      return { containers, ...(port === undefined ? {} : { port }) }
    },
  }
}

/** A call lists a hundred services or describes ten: if many are down, their services may all be gone. */
const listedForOneDescribed = 10

/** Lists the sites of a cell. Describes the services of sites that have no task and were not noted as asleep. Each site has a port as long as it has anything. */
export const createSiteListing =
  (
    cell: string,
    services: Pick<ReturnType<typeof createSiteServices>, 'list' | 'statesOf'>,
    tasks: Pick<ReturnType<typeof createSiteTasks>, 'all'>,
    ports: Pick<SitePorts, 'all'>,
  ): SiteRuntime['list'] =>
  async ({ isThorough = false } = {}) => {
    const [held, running] = await Promise.all([ports.all(), tasks.all()])
    const down = [...held].flatMap(([siteId, { isAsleep }]) => (isAsleep || running.has(siteId) ? [] : [siteId]))
    const isListed = isThorough || down.length * listedForOneDescribed > held.size
    const named = new Set(isListed ? await services.list() : down)
    const states = await services.statesOf(down.filter((siteId) => named.has(siteId)))
    return [...new Set([...named, ...held.keys(), ...running.keys()])].map((siteId) => {
      const [task, place] = [running.get(siteId), held.get(siteId)]
      if (task === undefined) {
        const state = place?.isAsleep === true ? 'asleep' : (states.get(siteId) ?? 'stopped')
        return { siteId, cell, state }
      }
      const startedAt = toInstant(new Date(task.startedAt))
      const endpoint = place === undefined ? {} : { endpoint: { host: task.host, port: place.port } }
      return { siteId, cell, state: 'running', startedAt, ...endpoint }
    })
  }

const groupSchema = z.object({ group: z.string().optional() })

/** The detail of an "ECS Task State Change", so far as we use it. Source: the Amazon ECS Developer Guide, "Task state change events". */
const taskChangeSchema = z.object({
  clusterArn: z.string(),
  desiredStatus: z.string(),
  lastStatus: z.string(),
  attachments: z
    .array(z.object({ details: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]) }))
    .default([]),
})

/** Undefined of what has not come up yet: its next change tells more. */
const isEndingOf = ({ desiredStatus, lastStatus }: z.infer<typeof taskChangeSchema>): boolean | undefined => {
  if (desiredStatus === 'STOPPED') return true
  return lastStatus === 'RUNNING' ? false : undefined
}

/**
 * Reads news of a task. `portsOf` gives the ports of a cell's sites. Undefined for a task of no site, of another installation's cluster, or one that neither runs nor ends.
 * @throws {z.ZodError} where a site's event is not as ECS describes it.
 */
export const createTaskNewsReader =
  (cells: Pick<CellDirectory, 'all'>, portsOf: (cell: string) => Pick<SitePorts, 'portOf'>) =>
  async (detail: unknown): Promise<TaskNews | undefined> => {
    const siteId = siteOfGroup(groupSchema.safeParse(detail).data?.group)
    if (siteId === undefined) return undefined
    const change = taskChangeSchema.parse(detail)
    const cell = (await cells.all()).find(({ clusterArn }) => clusterArn === change.clusterArn)
    const isEnding = isEndingOf(change)
    if (cell === undefined || isEnding === undefined) return undefined
    const host = privateAddress(change.attachments)
    const port = await portsOf(cell.name).portOf(siteId)
    return {
      siteId,
      cell: cell.name,
      isEnding,
      ...(host === undefined || port === undefined ? {} : { endpoint: { host, port } }),
    }
  }
