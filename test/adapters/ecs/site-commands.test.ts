import { ConflictException, ECSClient, type RunTaskCommandInput, type Task } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { createCommandTasks } from '../../../adapters/ecs/site-commands.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const siteId = newSiteId()
const run = { key: 'upgrade-1', command: ['shop', 'migrate'], environment: {}, seconds: 60 }
const networkConfiguration = {
  awsvpcConfiguration: { subnets: ['subnet'], securityGroups: ['group'], assignPublicIp: 'DISABLED' as const },
}

const scene = (answer: () => object = () => ({ failures: [] })) => {
  const asked: { name: string; input: Partial<RunTaskCommandInput> & { task?: string } }[] = []
  let tasks: readonly Task[] = []
  const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), (input, name) => {
    asked.push({ name, input })
    return answer()
  })
  const commands = createCommandTasks({
    ecs,
    cluster: 'arn:cluster',
    tasks: {
      ofFamily: async (family, status) =>
        family === `stage-${siteId}-once`
          ? tasks.filter((task) => (task.lastStatus === 'STOPPED') === (status === 'STOPPED'))
          : [],
    },
    familyOf: (id) => `stage-${id}-once`,
    outputOf: async (_, container) => [`of ${container}`],
  })
  const start = async () => {
    await commands.run(siteId, run, { taskDefinition: 'arn:definition', networkConfiguration })
    return asked[0]?.input.startedBy ?? ''
  }
  return {
    asked,
    commands,
    start,
    there: (...found: readonly Task[]) => {
      tasks = found
    },
    check: (seconds = run.seconds) => commands.check(siteId, 'web', { ...run, seconds }),
  }
}

describe('a command on Fargate', () => {
  it('is one task of its run, on demand, in the network of its site', async () => {
    const { asked, start } = scene()
    await start()
    expect(asked).toMatchObject([
      {
        name: 'RunTaskCommand',
        input: { cluster: 'arn:cluster', taskDefinition: 'arn:definition', networkConfiguration },
      },
    ])
    expect(asked[0]?.input.clientToken).toBe(asked[0]?.input.startedBy)
    expect(asked[0]?.input.capacityProviderStrategy).toEqual([{ capacityProvider: 'FARGATE', weight: 1 }])
  })

  it('is started if another call was faster, and not if ECS has no place', async () => {
    await scene(() => {
      throw new ConflictException({ message: 'The token was used.', $metadata: {} })
    }).start()
    await expect(scene(() => ({ failures: [{ reason: 'Capacity is unavailable' }] })).start()).rejects.toMatchObject({
      name: 'RuntimeUnavailable',
    })
  })

  it('is found by its run, and not by another one', async () => {
    const { start, there, check } = scene()
    const startedBy = await start()
    there({ startedBy: 'another', lastStatus: 'RUNNING' })
    expect(await check()).toBeUndefined()
    there({ startedBy, lastStatus: 'PROVISIONING' })
    expect(await check()).toEqual({ state: 'running' })
  })

  it.each([
    ['by itself', { stopCode: 'EssentialContainerExited' }, { exitCode: 4, lines: ['of web'] }],
    ['by us', { stopCode: 'UserInitiated', stoppedReason: 'It hangs.' }, { lines: ['of web', 'It hangs.'] }],
  ] as const)('tells how it ended %s', async (_, stop, told) => {
    const { start, there, check } = scene()
    there({ ...stop, startedBy: await start(), lastStatus: 'STOPPED', containers: [{ name: 'web', exitCode: 4 }] })
    expect(await check()).toEqual({ state: 'ended', ...told })
  })

  it('is tried again if its task did not start, and not without end', async () => {
    const { asked, start, there, check } = scene()
    const startedBy = await start()
    const unstarted = (id: number): Task => ({
      ...{ taskArn: `arn:task-${id}`, startedBy, lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' },
      stoppedReason: 'Timeout waiting for network interface provisioning to complete.',
      containers: [{ name: 'web' }],
    })
    // A task may be in both lists.
    there(unstarted(0), unstarted(0))
    expect(await check()).toBeUndefined()
    await start()
    there(unstarted(0), unstarted(1))
    expect(await check()).toBeUndefined()
    await start()
    expect(asked.map(({ input }) => input.clientToken)).toEqual([startedBy, `${startedBy}-1`, `${startedBy}-2`])
    there(unstarted(0), unstarted(1), unstarted(2))
    expect(await check()).toMatchObject({ state: 'ended', lines: ['of web', expect.stringContaining('network')] })
    there(unstarted(0), { startedBy, taskArn: 'arn:task-1', lastStatus: 'RUNNING' })
    expect(await check()).toEqual({ state: 'running' })
  })

  it.each<Task>([
    { containers: [{ name: 'web', exitCode: 1 }] },
    { containers: [{ name: 'web' }], startedAt: new Date() },
  ])('is not tried again if it had begun: %j', async (begun) => {
    const { start, there, check } = scene()
    there({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart', startedBy: await start(), ...begun })
    expect(await check()).toMatchObject({ state: 'ended' })
  })

  it('is told to end after its time, and with the others of its site', async () => {
    const { asked, start, there, check, commands } = scene()
    const task = { startedBy: await start(), taskArn: 'arn:task', lastStatus: 'RUNNING' }
    there({ ...task, startedAt: new Date() })
    await check()
    expect(asked).toHaveLength(1)
    there({ ...task, startedAt: new Date(Date.now() - 61_000) })
    await check()
    await commands.endAll(siteId)
    await check(0)
    expect(asked.slice(1)).toEqual(
      Array(3).fill({ name: 'StopTaskCommand', input: { cluster: 'arn:cluster', task: 'arn:task' } }),
    )
  })
})
