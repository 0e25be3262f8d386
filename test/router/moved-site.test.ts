import { expect, it } from 'vitest'
import { begun } from '../../core/site/lifecycle.ts'
import { pageAt } from '../../router/page.ts'
import { pageFor } from '../../router/router-pages.ts'
import { fixedContext } from '../support/fixed-ports.ts'
import { siteSamples } from '../support/site-samples.ts'

const movedTo = 'https://shop.example.org'
const archiveId = 'arc_01jq3v5k8m0000000000000001' as const

it.each(['suspended', 'archived'] as const)('sends visitors of a site that has moved on, while it is %s', (status) => {
  const page = pageFor({ ...siteSamples[status], movedTo } as (typeof siteSamples)[typeof status])
  expect(page).toMatchObject({ status: 308, problem: 'site-moved' })
  expect(pageAt(page, '/a?b=c').location).toBe('https://shop.example.org/a?b=c')
  // Never to another host.
  expect(pageAt(page, '//evil.example/').location).toBe('https://shop.example.org//evil.example/')
  expect(pageAt(page, '*').location).toBe(movedTo)
  expect(pageAt(pageFor(siteSamples[status]), '/a').location).toBeUndefined()
})

it('sends nobody on while the site is restored: the other one may send its visitors here', () => {
  const operation = { ...begun(siteSamples.archived, 'restore', fixedContext()), kind: 'restore' } as const
  const restoring = { ...siteSamples.archived, operation: { ...operation, archiveId, generation: 2 }, movedTo }
  expect(pageFor(restoring)).toEqual(pageFor(siteSamples.archived))
})
