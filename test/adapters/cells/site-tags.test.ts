import { expect, test } from 'vitest'
import { siteTags, taggedSite, tagNames } from '../../../adapters/cells/site-tags.ts'
import { tags } from '../../../cloud/names.ts'
import { newSiteId } from '../../support/probe-launch.ts'

test('the stacks and the adapters know our things by the same tags', () => {
  expect(tagNames).toEqual(tags)
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
