import { ListTaskDefinitionsCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { CreateRoleCommand } from '@aws-sdk/client-iam'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSiteLeftovers } from '../../../adapters/cells/site-leftovers.ts'
import { siteTags } from '../../../adapters/cells/site-tags.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Leftovers, RuntimeLeftover } from '../../../core/ports/runtime.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

let aws: StartedAws
let leftovers: Leftovers
const log = recordingLog()
beforeAll(async () => {
  aws = await startAws()
  const { clients, installation, rolePath, parameterPath } = aws
  leftovers = createSiteLeftovers({
    clients,
    installation,
    rolePaths: [rolePath, `/${installation}/archiver/`],
    parameterPath,
    log,
  })
})
afterAll(() => aws?.close())

const register = (family: string) =>
  aws.clients.ecs.send(
    new RegisterTaskDefinitionCommand({ family, containerDefinitions: [{ name: 'a', image: 'a', memory: 64 }] }),
  )
const role = (RoleName: string, Path: string, installation: string, siteId: SiteId) =>
  aws.clients.iam.send(
    new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: '{}', Tags: siteTags(installation, siteId) }),
  )
const ofSite = async (siteId: SiteId): Promise<readonly RuntimeLeftover[]> =>
  (await leftovers.list()).filter((one) => one.siteId === siteId)

test('what a site and its archiving jobs have left behind is found, and goes piece by piece', async () => {
  const siteId = newSiteId()
  const { installation, rolePath, parameterPath, clients } = aws
  await register(`${installation}-${siteId}`)
  await register(`${installation}-archiver-${siteId}-0123456789abcdef`)
  await role(siteId, rolePath, installation, siteId)
  await role(`${siteId}.0123456789abcdef`, `/${installation}/archiver/`, installation, siteId)
  await clients.ssm.send(
    new PutParameterCommand({ Name: `${parameterPath}/${siteId}/KEY`, Value: 'x', Type: 'String' }),
  )
  const found = await ofSite(siteId)
  expect(found.map(({ kind }) => kind).toSorted()).toEqual([
    'parameter',
    'role',
    'role',
    'task-definition',
    'task-definition',
  ])
  for (const one of found) await leftovers.remove(one)
  // The emulator also lists families without a revision.
  expect((await ofSite(siteId)).filter(({ kind }) => kind !== 'task-definition')).toEqual([])
  for (const { id } of found.filter(({ kind }) => kind === 'task-definition')) {
    const { taskDefinitionArns } = await clients.ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: id }))
    expect(taskDefinitionArns).toEqual([])
  }
  for (const one of found) await leftovers.remove(one)
})

test('what is of another installation is neither listed nor removed', async () => {
  const siteId = newSiteId()
  const other = 'sitewright-other'
  await register(`${other}-${siteId}`)
  await role(siteId, `/${other}/sites/`, other, siteId)
  expect(await ofSite(siteId)).toEqual([])
  await leftovers.remove({ kind: 'role', id: siteId, siteId, cell: 'a' })
  await leftovers.remove({ kind: 'task-definition', id: `${other}-${siteId}`, siteId, cell: 'a' })
  await leftovers.remove({ kind: 'parameter', id: `/${other}/${siteId}/KEY`, siteId, cell: 'a' })
  await expect(role(siteId, `/${other}/sites/`, other, siteId)).rejects.toMatchObject({
    name: 'EntityAlreadyExistsException',
  })
})
