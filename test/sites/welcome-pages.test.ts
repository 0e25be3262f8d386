import { afterAll, describe, expect, test } from 'vitest'
import { type CourseSite, openCourseSite } from './course-site.ts'

// All of them only read.
const site = await openCourseSite()
afterAll(() => site[Symbol.asyncDispose]())

const stranger = { viewer: null }
const pageFor = async (who: Parameters<CourseSite['ask']>[1] = {}) => (await site.ask('/', who)).text()

describe('the form', () => {
  test('stands first, for the owner before greeting and checklist, which fill the screen of a phone', async () => {
    const places = (page: string) =>
      ['<form id="new-entry"', 'id="greeting"', 'data-sitewright="checklist"', '<ol id="entries"']
        .map((part) => page.indexOf(part))
        .filter((place) => place >= 0)
    const owners = places(await pageFor())
    expect(owners).toHaveLength(4)
    expect(owners).toEqual(owners.toSorted((one, other) => one - other))
    const [form = -1, entries = -1] = places(await pageFor(stranger))
    expect(form).toBeLessThan(entries)
    expect((await pageFor(stranger)).match(/id="new-entry"/g)).toHaveLength(1)
  })
})

test.each([
  ['de-AT,de;q=0.9,en;q=0.8', 'de', 'Alle, die diese Seite öffnen, können lesen, was Sie hier schreiben.'],
  ['fr,en;q=0.5', 'en', 'Everybody who opens this page can read what you write here.'],
  ['*', 'en', 'Everybody who opens this page can read what you write here.'],
])('the page speaks the language of a browser that asks for %s', async (accepted, language, text) => {
  const page = await pageFor({ ...stranger, headers: { 'accept-language': accepted } })
  expect(page).toContain(`<html lang="${language}">`)
  expect(page).toContain(text)
})

describe('an address that has nothing', () => {
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
  const paths = ['/nothing', '/courses/none/', '/api/nothing']

  test.each(paths)('%s is a page for a browser, with the way back', async (path) => {
    const headers = { ...browser, 'accept-language': 'de' }
    const answer = await site.ask(path, { ...stranger, headers, claims: { name: 'Ada <b>', features: ['scorm'] } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    const page = await answer.text()
    expect(page).toContain('<html lang="de">')
    expect(page).toContain('<h1>Diese Seite gibt es nicht</h1>')
    expect(page).toContain('<a href="/">Zur Startseite von Ada &lt;b&gt;</a>')
  })

  test.each(paths)('%s is a problem for a program', async (path) => {
    const answer = await site.ask(path, { headers: { accept: 'application/json' } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })

  test('is a problem on the origin of courses, which may frame it', async () => {
    const answer = await site.askContent('/nothing', { headers: browser })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })
})

test.each([
  ['Ada', 'A'],
  ['<b>', '&lt;'],
  ['👩‍🚀 Travel', '👩‍🚀'],
  ['  ', '?'],
])('the icon of %s is %s', async (name, shown) => {
  const answer = await site.ask('/icon.svg', { claims: { name } })
  expect(answer.headers.get('content-type')).toBe('image/svg+xml')
  expect(await answer.text()).toContain(`>${shown}</text>`)
})
