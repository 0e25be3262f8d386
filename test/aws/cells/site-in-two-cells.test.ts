import { ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs'
import { GetRoleCommand, GetRolePolicyCommand, ListRolePoliciesCommand } from '@aws-sdk/client-iam'
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFargateCell } from '../../../adapters/cells/every-cell.ts'
import { createSitePorts } from '../../../adapters/dynamodb/site-ports.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { SiteId } from '../../../core/ids.ts'
import { openTestStore, type TestStore } from '../../adapters/dynamodb/test-store.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { probeLaunch } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { forFargate } from '../support/fargate-launch.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

let aws: StartedAws
let store: TestStore
beforeAll(async () => {
  aws = await startAws()
  store = await openTestStore(aws.settings)
})
afterAll(async () => {
  await aws?.close()
  store?.close()
})

const portsOf = (cell: string) =>
  createSitePorts({
    client: store.document,
    tables: store.tables,
    cell,
    wall: () => new Date().toISOString(),
    randomness: createRandomness(),
  })

const openCell = async (name: string, other: string) => {
  const cell = await aws.makeCell(name)
  const parts = createFargateCell({
    ...aws,
    cell,
    ports: portsOf(name),
    isElsewhere: async (siteId) => (await portsOf(other).portOf(siteId)) !== undefined,
    log: recordingLog(),
    pollMilliseconds: 10,
    placementMilliseconds: 3000,
    endMilliseconds: 5000,
  })
  return { ...parts, cell }
}

/** What the cells of a site share. */
const sharedParts = async (siteId: SiteId) => {
  const { ecs, iam, ssm } = aws.clients
  const role = await iam.send(new GetRoleCommand({ RoleName: siteId })).catch(() => undefined)
  const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path: `${aws.parameterPath}/${siteId}` }))
  const familyPrefix = `${aws.installation}-${siteId}`
  const { taskDefinitionArns = [] } = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix }))
  return { hasRole: role !== undefined, parameters: Parameters.length, definitions: taskDefinitionArns.length }
}

/** The file systems that the site's role may mount. */
const mountable = async (RoleName: SiteId): Promise<readonly string[]> => {
  const { iam } = aws.clients
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }))
  const policies = PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })))
  return (await Promise.all(policies)).map(
    ({ PolicyDocument = '' }) => JSON.parse(decodeURIComponent(PolicyDocument)).Statement[0].Resource,
  )
}

test('removing a site from one cell leaves what runs in another, and from the last one leaves nothing', async () => {
  const blue = await openCell('blue', 'green')
  const green = await openCell('green', 'blue')
  const probe = probeLaunch({ container: { secrets: ['KEY'] } })
  // The played file systems keep the directories of both cells in one place, where exclusive data has one task.
  const blueprint = { ...probe.blueprint, data: { ...probe.blueprint.data, mode: 'shared' as const } }
  const launch = forFargate({ ...probe, blueprint, secrets: { KEY: 'value' } })
  const { siteId } = launch
  for (const { runtime, storage, cell } of [blue, green]) {
    await storage.prepare({ ...launch, cell: cell.name })
    await runtime.start({ ...launch, cell: cell.name })
    await waitFor(() => runtime.locate({ siteId, cell: cell.name }))
  }
  expect((await mountable(siteId)).toSorted()).toEqual([blue.cell.fileSystemArn, green.cell.fileSystemArn].toSorted())

  const stays = await waitFor(() => blue.runtime.locate({ siteId, cell: 'blue' }))
  await green.runtime.remove({ siteId, cell: 'green' })
  expect(await green.runtime.list()).toEqual([])
  expect(await blue.runtime.list()).toMatchObject([{ siteId, cell: 'blue', state: 'running' }])
  expect(await blue.runtime.locate({ siteId, cell: 'blue' })).toEqual(stays)
  expect(await sharedParts(siteId)).toEqual({ hasRole: true, parameters: 1, definitions: 2 })
  expect(await mountable(siteId)).toEqual([blue.cell.fileSystemArn])

  await blue.runtime.remove({ siteId, cell: 'blue' })
  expect(await blue.runtime.list()).toEqual([])
  expect(await sharedParts(siteId)).toEqual({ hasRole: false, parameters: 0, definitions: 0 })
})
