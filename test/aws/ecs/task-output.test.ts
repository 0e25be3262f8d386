import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logsClient } from '../../../adapters/cells/clients.ts'
import { createTaskObserver, createTaskOutput } from '../../../adapters/ecs/task-observation.ts'
import type { SiteId } from '../../../core/ids.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { clientSettings } from '../client-settings.ts'

const logs = logsClient(clientSettings())
const siteId = newSiteId()
const logGroup = `/test/${siteId}`
beforeAll(() => logs.send(new CreateLogGroupCommand({ logGroupName: logGroup })))
afterAll(async () => {
  await logs.send(new DeleteLogGroupCommand({ logGroupName: logGroup }))
  logs.destroy()
})

test('the last 200 lines of the last two tasks are read, also where a stream is not there yet', async () => {
  const logStreamName = `${siteId}/web/one`
  await logs.send(new CreateLogStreamCommand({ logGroupName: logGroup, logStreamName }))
  const start = Date.now()
  const logEvents = Array.from({ length: 250 }, (_, index) => ({ timestamp: start + index, message: `line ${index}` }))
  await logs.send(new PutLogEventsCommand({ logGroupName: logGroup, logStreamName, logEvents }))
  const containers = [{ name: 'web', lastStatus: 'RUNNING' }]
  const tasks = ['one', 'two'].map((id, at) => ({
    taskArn: `arn:task/cell/${id}`,
    createdAt: new Date(at),
    containers,
  }))
  const options = {
    output: createTaskOutput(logs, logGroup),
    tasks: {
      ofFamily: async (family: string, status: string) => (status === 'RUNNING' && family !== 'none' ? tasks : []),
    },
    familyOf: (id: SiteId) => id,
    commandFamilyOf: () => 'none',
    ports: { portOf: async () => undefined },
  }
  const { observe, readLogs } = createTaskObserver(options)
  const lines = (await observe({ siteId, cell: 'local' }))?.containers[0]?.lines
  expect(lines).toEqual(logEvents.slice(50).map(({ message }) => message))

  const older = createTaskObserver({ ...options, tasks: { ofFamily: async () => tasks.slice(0, 1) } })
  const [last] = await older.readLogs({ siteId, cell: 'local' }, {})
  expect(last).toMatchObject({ container: 'web', lines })
  const after = { web: last!.position }
  expect(await older.readLogs({ siteId, cell: 'local' }, after)).toMatchObject([{ lines: [] }])
  const more = [{ timestamp: start + 300, message: 'more' }]
  await logs.send(new PutLogEventsCommand({ logGroupName: logGroup, logStreamName, logEvents: more }))
  expect(await older.readLogs({ siteId, cell: 'local' }, after)).toMatchObject([{ lines: ['more'] }])
  // Another task has said nothing yet.
  expect(await readLogs({ siteId, cell: 'local' }, after)).toMatchObject([{ lines: [] }])
})
