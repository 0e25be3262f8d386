import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ArchiverRoles, createArchiverRoles } from '../../../adapters/iam/roles.ts'
import type { ArchiveJob } from '../../../core/ports/archives.ts'
import { firstHome } from '../../support/probe-launch.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

let aws: StartedAws
let roles: ArchiverRoles
beforeAll(async () => {
  aws = await startAws()
  const { clients, installation } = aws
  const cell = await aws.makeCell('blue')
  roles = createArchiverRoles({ iam: clients.iam, cell, installation, path: `/${installation}/archiver/` })
})
afterAll(() => aws?.close())

const accessPointArn = 'arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-own'

const newJob = (): ArchiveJob => {
  const home = firstHome()
  return { kind: 'measure', id: `measure-${home.siteId}`, siteId: home.siteId, home }
}

const first = { number: 1, begunAt: '2026-01-01T00:00:00.000Z' }
const second = { number: 2, begunAt: '2026-01-01T01:00:00.000Z' }

test('a new role names the first attempt', async () => {
  const job = newJob()
  expect(await roles.attemptAt(job)).toBeUndefined()
  await roles.ensure(job, accessPointArn, first)
  expect(await roles.attemptAt(job)).toEqual(first)
})

test('a late call for the first attempt does not go back from the second', async () => {
  const job = newJob()
  for (const attempt of [first, second, first]) await roles.ensure(job, accessPointArn, attempt)
  expect(await roles.attemptAt(job)).toEqual(second)
})
