import { expect, it } from 'vitest'
import { pageAt } from '../../router/page.ts'
import { pageFor } from '../../router/router-pages.ts'
import { siteSamples } from '../support/site-samples.ts'

const movedTo = 'https://shop.example.org'

it.each(['suspended', 'archived'] as const)('sends visitors of a site that has moved on, while it is %s', (status) => {
  const page = pageFor({ ...siteSamples[status], movedTo } as (typeof siteSamples)[typeof status])
  expect(page).toMatchObject({ status: 308, problem: 'site-moved' })
  expect(pageAt(page, '/a?b=c').location).toBe('https://shop.example.org/a?b=c')
  // Never to another host.
  expect(pageAt(page, '//evil.example/').location).toBe('https://shop.example.org//evil.example/')
  expect(pageAt(page, '*').location).toBe(movedTo)
  expect(pageAt(pageFor(siteSamples[status]), '/a').location).toBeUndefined()
})
