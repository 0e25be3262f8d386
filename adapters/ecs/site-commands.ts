import { type ECSClient, StopTaskCommand, type Task } from '@aws-sdk/client-ecs'
import type { SiteId } from '../../core/ids.ts'
import type { OneOff, OneOffState } from '../../core/ports/runtime.ts'
import { askingIfThere } from '../cells/aws-calls.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import type { ServiceSettings } from './launch-plan.ts'
import { everOf, type FamilyTasks, runTask } from './site-tasks.ts'

/** The mark of a run's task: 36 characters are the most. */
const markOf = (siteId: SiteId, { key }: Pick<OneOff, 'key'>): string => contentDigest([siteId, key]).slice(0, 32)

const isOf = (siteId: SiteId, run: OneOff | undefined, { startedBy }: Task): boolean =>
  run !== undefined && startedBy === markOf(siteId, run)

const isOver = ({ startedAt }: Task, { seconds }: OneOff): boolean =>
  seconds === 0 || (startedAt !== undefined && Date.now() - startedAt.getTime() >= seconds * 1000)

/** How many tasks of a run may fail to start before the run has failed. */
const maxTries = 3

/** Nothing of the command has run: there was no place for its task in time, or its image or its data could not be reached. */
const isUnstarted = ({ stopCode, startedAt, containers = [] }: Task): boolean =>
  stopCode === 'TaskFailedToStart' &&
  startedAt === undefined &&
  containers.every(({ exitCode }) => exitCode === undefined)

/** The tasks of commands that run once, in a family of their own: they are no service's. */
export const createCommandTasks = (options: {
  readonly ecs: ECSClient
  readonly cluster: string
  readonly tasks: FamilyTasks
  readonly familyOf: (siteId: SiteId) => string
  readonly outputOf: (siteId: SiteId, container: string, task: Task) => Promise<readonly string[]>
}) => {
  const { ecs, cluster, tasks, familyOf, outputOf } = options
  /** Each once: one too many would start a second task beside the first. */
  const tasksOf = async (siteId: SiteId, run: OneOff): Promise<readonly Task[]> => {
    const found = (await everOf(tasks, familyOf(siteId))).filter((one) => isOf(siteId, run, one))
    return [...new Map(found.map((task) => [task.taskArn, task])).values()]
  }

  const stop = async ({ taskArn }: Task): Promise<void> => {
    await askingIfThere('end a command', () => ecs.send(new StopTaskCommand({ cluster, task: taskArn })))
  }

  const stateOf = async (siteId: SiteId, container: string, task: Task): Promise<OneOffState> => {
    if (task.lastStatus !== 'STOPPED') return { state: 'running' }
    const { exitCode } = task.containers?.find(({ name }) => name === container) ?? {}
    const isByItself = task.stopCode === 'EssentialContainerExited' && exitCode !== undefined
    const output = await outputOf(siteId, container, task)
    const lines = isByItself ? output : [...output, task.stoppedReason ?? 'The task was stopped.']
    return { state: 'ended', ...(isByItself ? { exitCode } : {}), lines }
  }

  return {
    /** Ends what runs too long. @returns undefined if ECS lists no task of the run, or one has to be tried again. */
    check: async (siteId: SiteId, container: string, run: OneOff): Promise<OneOffState | undefined> => {
      const found = await tasksOf(siteId, run)
      const task = found.find((one) => !isUnstarted(one)) ?? found[maxTries - 1]
      if (task === undefined) return undefined
      if (task.lastStatus !== 'STOPPED' && isOver(task, run)) await stop(task)
      return stateOf(siteId, container, task)
    },
    /** However often it is asked, there is one task of a run, and another one only if that did not start. */
    run: async (
      siteId: SiteId,
      run: OneOff,
      settings: Pick<ServiceSettings, 'networkConfiguration'> & { readonly taskDefinition: string },
    ): Promise<void> => {
      const mark = markOf(siteId, run)
      const tries = (await tasksOf(siteId, run)).filter(isUnstarted).length
      const clientToken = tries === 0 ? mark : `${mark}-${tries}`
      const { taskDefinition, networkConfiguration } = settings
      // Not on Spot: visitors may wait for it.
      const input = { cluster, taskDefinition, clientToken, startedBy: mark, networkConfiguration }
      await runTask(ecs, run.key, input)
    },
    /** Tells the tasks of all runs of a site to end, save for one run: ECS lists a new task late. */
    endAll: async (siteId: SiteId, except?: OneOff): Promise<void> => {
      for (const task of await tasks.ofFamily(familyOf(siteId), 'RUNNING')) {
        if (!isOf(siteId, except, task)) await stop(task)
      }
    },
    /** Whether the tasks of all runs have stopped, and not only been told to; save for one run. */
    haveStopped: async (siteId: SiteId, except?: OneOff): Promise<boolean> =>
      (await everOf(tasks, familyOf(siteId))).every((one) => one.lastStatus === 'STOPPED' || isOf(siteId, except, one)),
  }
}
