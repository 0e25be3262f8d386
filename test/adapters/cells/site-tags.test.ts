import { expect, test } from 'vitest'
import { homeTags, siteTags, taggedHome, taggedSite, tagNames } from '../../../adapters/cells/site-tags.ts'
import { tags } from '../../../cloud/names.ts'
import { newSiteId } from '../../support/probe-launch.ts'

test('the stacks and the adapters know our things by the same tags', () => {
  // No permission depends on the plan, or on the attempt of a job.
  expect(tagNames).toEqual({ ...tags, plan: 'sitewright:plan', attempt: 'sitewright:attempt' })
})

test('a thing belongs to the site that its tags name, and to none of another installation', () => {
  const site = newSiteId()
  expect(taggedSite('sitewright-prod', siteTags('sitewright-prod', site))).toBe(site)
  expect(taggedSite('sitewright-prod', siteTags('sitewright-test', site))).toBeUndefined()
  expect(taggedSite('sitewright-prod', [])).toBeUndefined()
  expect(
    taggedSite('sitewright-prod', [
      { Key: tagNames.installation, Value: 'sitewright-prod' },
      { Key: tagNames.site, Value: 'no site' },
    ]),
  ).toBeUndefined()
})

test('a thing belongs to the data directory that its tags name, and from before there were several to the first', () => {
  const siteId = newSiteId()
  for (const generation of [1, 2, 40]) {
    const home = { siteId, cell: 'blue', generation }
    expect(taggedHome('sitewright-prod', 'blue', homeTags('sitewright-prod', home))).toEqual(home)
    expect(taggedHome('sitewright-prod', 'blue', homeTags('sitewright-test', home))).toBeUndefined()
  }
  expect(taggedHome('sitewright-prod', 'blue', siteTags('sitewright-prod', siteId))).toEqual({
    siteId,
    cell: 'blue',
    generation: 1,
  })
})

test.each(['', '0', '-1', '1.5', 'two'])(
  'a thing whose generation is %j belongs to no data directory',
  (generation) => {
    const marked = siteTags('sitewright-prod', newSiteId())
    expect(
      taggedHome('sitewright-prod', 'blue', [...marked, { Key: tagNames.generation, Value: generation }]),
    ).toBeUndefined()
  },
)
