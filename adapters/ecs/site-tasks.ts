import { setTimeout as timer } from 'node:timers/promises'
import {
  ConflictException,
  DescribeTasksCommand,
  type ECSClient,
  type ListTasksCommandInput,
  paginateListTasks,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs'
import { SitewrightError } from '../../core/errors.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import type { SiteCheck } from '../../core/ports/runtime.ts'
import { asking, askingIfThere, batchesOf, everyItem, isRoleNew } from '../cells/aws-calls.ts'
import type { CellDirectory } from '../ssm/cell-directory.ts'

/** A task of a site that runs and has not begun to stop. */
interface SiteTask {
  readonly siteId: SiteId
  /** The private address of its network interface. */
  readonly host: string
  readonly startedAt: number
}

/** The most that `DescribeTasks` and `ListTasks` take or give at once. */
const tasksAtOnce = 100

const groupPrefix = 'service:'

export const siteOfGroup = (group: string | undefined): SiteId | undefined => {
  const service = group?.startsWith(groupPrefix) ? group.slice(groupPrefix.length) : ''
  return isId('site', service) ? service : undefined
}

/** The private address of a task's network interface, from the details of its attachments. */
export const privateAddress = (
  attachments: readonly {
    readonly details?:
      | readonly { readonly name?: string | undefined; readonly value?: string | undefined }[]
      | undefined
  }[] = [],
): string | undefined =>
  attachments.flatMap(({ details = [] }) => details).find(({ name }) => name === 'privateIPv4Address')?.value

const running = ({ group, desiredStatus, lastStatus, attachments, startedAt }: Task): readonly SiteTask[] => {
  const siteId = siteOfGroup(group)
  const host = privateAddress(attachments)
  const runs = desiredStatus === 'RUNNING' && lastStatus === 'RUNNING'
  return siteId === undefined || host === undefined || !runs
    ? []
    : [{ siteId, host, startedAt: startedAt?.getTime() ?? 0 }]
}

export interface FamilyTasks {
  readonly ofFamily: (family: string, desiredStatus: 'RUNNING' | 'STOPPED') => Promise<readonly Task[]>
}

/** Also those that have stopped. A task that stops between the calls is in both. */
export const everOf = async ({ ofFamily }: FamilyTasks, family: string): Promise<readonly Task[]> => [
  ...(await ofFamily(family, 'RUNNING')),
  ...(await ofFamily(family, 'STOPPED')),
]

export const createSiteTasks = ({ ecs, cluster }: { readonly ecs: ECSClient; readonly cluster: string }) => {
  const describe = async (tasks: string[]): Promise<readonly Task[]> =>
    (await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? []

  /** Finds no task if the requested service does not exist. */
  const find = async (filter: Omit<ListTasksCommandInput, 'cluster'>): Promise<readonly Task[]> =>
    (await askingIfThere('look for tasks', async () => {
      const pages = paginateListTasks({ client: ecs, pageSize: tasksAtOnce }, { cluster, ...filter })
      const arns = await everyItem(pages, ({ taskArns }) => taskArns)
      const tasks: Task[] = []
      for (const batch of batchesOf(arns, tasksAtOnce)) tasks.push(...(await describe(batch)))
      return tasks
    })) ?? []

  const ofFamily: FamilyTasks['ofFamily'] = (family, desiredStatus) => find({ family, desiredStatus })

  const latest = (tasks: readonly Task[]): ReadonlyMap<SiteId, SiteTask> => {
    const inOrder = tasks.flatMap(running).toSorted((a, b) => a.startedAt - b.startedAt)
    return new Map(inOrder.map((task) => [task.siteId, task]))
  }

  return {
    /**
     * The address of the site's task; of the one that started last, where there are two during a swap.
     * @param taskDefinition the ARN of the revision to look for.
     */
    hostOf: async (siteId: SiteId, taskDefinition?: string): Promise<string | undefined> => {
      const found = await find({ serviceName: siteId, desiredStatus: 'RUNNING' })
      const asked = found.filter(({ taskDefinitionArn }) => (taskDefinition ?? taskDefinitionArn) === taskDefinitionArn)
      return latest(asked).get(siteId)?.host
    },
    /** The tasks of all sites that run, by a hundred of them a call. */
    all: async (): Promise<ReadonlyMap<SiteId, SiteTask>> => latest(await find({ desiredStatus: 'RUNNING' })),
    ofFamily,
    /** Whether all tasks of a family have stopped, and not only been told to. */
    haveStopped: async (family: string): Promise<boolean> =>
      (await everOf({ ofFamily }, family)).every(({ lastStatus }) => lastStatus === 'STOPPED'),
  }
}

export const createSiteCheck = (ecs: ECSClient, cells: Pick<CellDirectory, 'describe'>): SiteCheck => ({
  isRunning: async ({ siteId, cell }) => {
    const { clusterArn } = await cells.describe(cell)
    return (await createSiteTasks({ ecs, cluster: clusterArn }).hostOf(siteId)) !== undefined
  },
})

const runOnce = async (ecs: ECSClient, name: string, input: RunTaskCommandInput): Promise<void> => {
  const command = new RunTaskCommand({
    ...input,
    count: 1,
    capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
    platformVersion: 'LATEST',
  })
  const [failure] = await asking(`start a task of ${name}`, async () => {
    try {
      return (await ecs.send(command)).failures ?? []
    } catch (error) {
      // Another call was faster, with a definition that it registered at the same moment: there is a task.
      if (error instanceof ConflictException) return []
      throw error
    }
  })
  if (failure === undefined) return
  throw new SitewrightError('RuntimeUnavailable', `ECS does not start ${name}: ${failure.reason ?? 'unknown'}.`)
}

const roleTries = 8

/**
 * Starts one task for a client token, on demand. Tries again while not all of IAM knows its role. @param name for people.
 * @throws {SitewrightError} `RuntimeUnavailable` where there is no place for it.
 */
export const runTask = async (
  ecs: ECSClient,
  name: string,
  input: RunTaskCommandInput & { readonly clientToken: string },
  pollMilliseconds = 1000,
): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await runOnce(ecs, name, input)
    } catch (error) {
      if (tries === roleTries || !isRoleNew(error)) throw error
      await timer(pollMilliseconds)
    }
  }
}
