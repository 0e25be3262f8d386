import { GetParametersByPathCommand, ListTagsForResourceCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSiteParameters, type SiteParameters } from '../../../adapters/ssm/site-parameters.ts'
import type { SiteId } from '../../../core/ids.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

let aws: StartedAws
let parameters: SiteParameters
beforeAll(async () => {
  aws = await startAws()
  parameters = createSiteParameters({
    ssm: aws.clients.ssm,
    cell: await aws.makeCell('blue'),
    installation: aws.installation,
    path: aws.parameterPath,
    keyId: 'alias/sitewright-data',
  })
})
afterAll(() => aws?.close())

const stored = async (site: SiteId) =>
  (
    await aws.clients.ssm.send(
      new GetParametersByPathCommand({ Path: `${aws.parameterPath}/${site}`, WithDecryption: true }),
    )
  ).Parameters ?? []

test('each secret is an encrypted parameter of the site, found by the ARN that ECS is given', async () => {
  const site = newSiteId()
  const arns = await parameters.put(site, { SESSION_KEY: 'first', SHARED: 'second' })
  const found = await stored(site)
  expect(arns).toEqual({
    SESSION_KEY: `arn:aws:ssm:eu-central-1:123456789012:parameter${aws.parameterPath}/${site}/SESSION_KEY`,
    SHARED: `arn:aws:ssm:eu-central-1:123456789012:parameter${aws.parameterPath}/${site}/SHARED`,
  })
  expect(found.map(({ ARN, Type, Value }) => ({ ARN, Type, Value }))).toEqual(
    expect.arrayContaining([
      { ARN: arns['SESSION_KEY'], Type: 'SecureString', Value: 'first' },
      { ARN: arns['SHARED'], Type: 'SecureString', Value: 'second' },
    ]),
  )
  const { TagList } = await aws.clients.ssm.send(
    new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: found[0]?.Name }),
  )
  expect(TagList).toContainEqual({ Key: 'sitewright:site', Value: site })
})

test('storing again changes nothing', async () => {
  const site = newSiteId()
  const arns = await parameters.put(site, { KEY: 'value' })
  expect(await parameters.put(site, { KEY: 'value' })).toEqual(arns)
  expect(await stored(site)).toMatchObject([{ Value: 'value', Version: 1 }])
})

test('removing takes all of a site’s, more than one call deletes, and none of another’s', async () => {
  const [site, other] = [newSiteId(), newSiteId()]
  await parameters.put(other, { KEY: 'kept' })
  await parameters.put(site, Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`KEY_${index}`, 'value'])))
  await parameters.remove(site)
  expect(await stored(site)).toEqual([])
  expect(await stored(other)).toHaveLength(1)
  await parameters.remove(site)
})
