import type { ECSClient, KeyValuePair, Task } from '@aws-sdk/client-ecs'
import {
  ConflictException,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  paginateListTasks,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveJob } from '../../core/ports/archives.ts'
import type { DataHome } from '../../core/site/location.ts'
import { homeName } from '../../core/site/location.ts'
import { asking, askingIfThere, everyItem } from '../cells/aws-calls.ts'
import { jobName } from '../iam/roles.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { archiverContainer, attemptVariable } from './archiver-definition.ts'

interface Attempt {
  /** Counts from 1. */
  readonly number: number
  readonly registeredAt: Date | undefined
}

/** The most that `DescribeTasks` takes at once, far more than a job has tries. */
const atOnce = 100

const attemptIn = (variables: readonly KeyValuePair[]): number =>
  Number(variables.find(({ name }) => name === attemptVariable)?.value ?? 1)

const attemptOf = ({ overrides }: Task): number =>
  attemptIn(overrides?.containerOverrides?.flatMap(({ environment = [] }) => environment) ?? [])

/** ECS takes no dot in what a task was started by. */
const startedByOf = (home: DataHome): string => homeName(home).replace('.', '-')

/** The family of the task definitions of a job. */
export const archiverFamily = (installation: string, job: ArchiveJob): string =>
  `${installation}-archiver-${jobName(job).replace('.', '-')}`

/** The tasks of jobs. Each job has a family of definitions of its own; each try at it is one task. */
export const createArchiverTasks = ({
  ecs,
  cell: { clusterArn: cluster, subnets, archiver },
}: {
  readonly ecs: ECSClient
  readonly cell: CellDescription
}) => {
  const network = {
    awsvpcConfiguration: {
      subnets: [...subnets.none],
      securityGroups: [archiver.securityGroup],
      assignPublicIp: 'DISABLED' as const,
    },
  }

  const tasksOf = async (family: string): Promise<readonly Task[]> => {
    const arns: string[] = []
    for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
      const pages = paginateListTasks({ client: ecs, pageSize: atOnce }, { cluster, family, desiredStatus })
      arns.push(...(await everyItem(pages, ({ taskArns }) => taskArns)))
    }
    if (arns.length === 0) return []
    return (await ecs.send(new DescribeTasksCommand({ cluster, tasks: arns.slice(0, atOnce) }))).tasks ?? []
  }

  const hasTasks = (which: { readonly family: string } | { readonly startedBy: string }): Promise<boolean> =>
    asking('look for tasks of the archiver', async () => {
      const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, ...which }))
      return taskArns.length > 0
    })

  return {
    latestAttempt: async (family: string): Promise<Attempt | undefined> => {
      const found = await askingIfThere('look at a task definition', () =>
        ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family })),
      )
      const { status, registeredAt, containerDefinitions = [] } = found?.taskDefinition ?? {}
      if (status !== 'ACTIVE') return undefined
      return { number: attemptIn(containerDefinitions.flatMap(({ environment = [] }) => environment)), registeredAt }
    },
    /** `unseen` where ECS lists no task of it: it was never started, or an hour has passed since it stopped. */
    stateOf: (family: string, { number }: Attempt): Promise<'alive' | 'stopped' | 'unseen'> =>
      asking('look for the task of a job', async () => {
        const tasks = await tasksOf(family)
        // One of an earlier try has the data open, too, until it has stopped.
        if (tasks.some(({ lastStatus }) => lastStatus !== 'STOPPED')) return 'alive'
        return tasks.some((task) => attemptOf(task) === number) ? 'stopped' : 'unseen'
      }),
    /** Starts the task of an attempt. However often and by whom it is asked, there is one. */
    run: async ({
      family,
      definitionArn,
      attempt,
      home,
    }: {
      readonly family: string
      readonly definitionArn: string
      readonly attempt: number
      readonly home: DataHome | undefined
    }): Promise<void> => {
      const command = new RunTaskCommand({
        cluster,
        taskDefinition: definitionArn,
        clientToken: `${contentDigest([family]).slice(0, 32)}-${attempt}`,
        ...(home === undefined ? {} : { startedBy: startedByOf(home) }),
        overrides: {
          containerOverrides: [
            { name: archiverContainer, environment: [{ name: attemptVariable, value: String(attempt) }] },
          ],
        },
        count: 1,
        // Not on Spot: a site stands still while it is copied, and it takes minutes as a rule.
        capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
        platformVersion: 'LATEST',
        networkConfiguration: network,
      })
      const [failure] = await asking('start the task of a job', async () => {
        try {
          return (await ecs.send(command)).failures ?? []
        } catch (error) {
          // Another call was faster, with a definition that it registered at the same moment: there is a task.
          if (error instanceof ConflictException) return []
          throw error
        }
      })
      if (failure === undefined) return
      throw new SitewrightError('RuntimeUnavailable', `ECS does not start ${family}: ${failure.reason ?? 'unknown'}.`)
    },
    /** Whether a task has a data directory open. */
    isInUse: (home: DataHome): Promise<boolean> => hasTasks({ startedBy: startedByOf(home) }),
    /** Whether a task of a job runs. */
    isRunning: (family: string): Promise<boolean> => hasTasks({ family }),
  }
}
