import {
  GetRoleCommand,
  GetRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSiteRoles, type SiteRoles } from '../../../adapters/iam/roles.ts'
import { siteRolePolicy, siteTrustPolicy } from '../../../adapters/iam/site-policies.ts'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

const accessPointArn = 'arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-own'

let aws: StartedAws
let cell: CellDescription
let roles: SiteRoles
beforeAll(async () => {
  aws = await startAws()
  cell = await aws.makeCell('blue')
  roles = createSiteRoles({ iam: aws.clients.iam, cell, installation: aws.installation, path: aws.rolePath })
})
afterAll(() => aws?.close())

const parse = (document: string | undefined): unknown => JSON.parse(decodeURIComponent(document ?? ''))

test('a site’s role is below the path, within the boundary, tagged, and may mount its own access point', async () => {
  const site = newSiteId()
  const arn = await roles.ensure(site, accessPointArn)
  const { Role } = await aws.clients.iam.send(new GetRoleCommand({ RoleName: site }))
  expect(Role).toMatchObject({
    Arn: arn,
    Path: aws.rolePath,
    PermissionsBoundary: { PermissionsBoundaryArn: cell.permissionsBoundaryArn },
    Tags: expect.arrayContaining([{ Key: 'sitewright:site', Value: site }]),
  })
  expect(parse(Role?.AssumeRolePolicyDocument)).toEqual(
    siteTrustPolicy({ partition: 'aws', region: 'eu-central-1', account: '123456789012' }),
  )
  const { PolicyNames = [] } = await aws.clients.iam.send(new ListRolePoliciesCommand({ RoleName: site }))
  expect(PolicyNames).toHaveLength(1)
  const [PolicyName] = PolicyNames
  const policy = await aws.clients.iam.send(new GetRolePolicyCommand({ RoleName: site, PolicyName }))
  expect(parse(policy.PolicyDocument)).toEqual(siteRolePolicy({ fileSystemArn: cell.fileSystemArn, accessPointArn }))
})

test('it is made once, however often it is requested', async () => {
  const site = newSiteId()
  const asked = await Promise.all([roles.ensure(site, accessPointArn), roles.ensure(site, accessPointArn)])
  asked.push(await roles.ensure(site, accessPointArn))
  expect(new Set(asked).size).toBe(1)
})

test('removing takes whatever was written into it along, and may be repeated', async () => {
  const site = newSiteId()
  await roles.ensure(site, accessPointArn)
  const PolicyDocument = JSON.stringify(siteRolePolicy({ fileSystemArn: cell.fileSystemArn, accessPointArn }))
  await aws.clients.iam.send(new PutRolePolicyCommand({ RoleName: site, PolicyName: 'written-in', PolicyDocument }))
  await roles.remove(site)
  await expect(aws.clients.iam.send(new GetRoleCommand({ RoleName: site }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  })
  await roles.remove(site)
})
