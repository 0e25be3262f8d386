import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { type CourseBody, type CourseSite, growth, openCourseSite } from './course-site.ts'
import { exampleClaims } from './entitlement-tokens.ts'
import { course, manifest } from './scorm-packages.ts'
import { zipOf } from './zip-archive.ts'

let site: CourseSite
beforeAll(async () => {
  site = await openCourseSite()
})
afterAll(() => site?.[Symbol.asyncDispose]())

const taken = async (files = course()): Promise<CourseBody> => {
  const response = await site.upload(files)
  expect(response.status).toBe(201)
  return (await response.json()) as CourseBody
}

const put: CourseSite['put'] = (...wanted) => site.put(...wanted)

describe('a package', () => {
  test('is taken, listed and found', async () => {
    const response = await site.upload(course())
    const body = (await response.json()) as CourseBody
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe(`/api/courses/${body.id}`)
    expect(response.headers.get('sitewright-event')).toBe('course.created')
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{20}$/),
      title: 'Safety at sea',
      version: '1.2',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      files: 3,
      bytes: expect.any(Number),
      items: [{ id: 'ITEM-1', title: 'Start', href: 'index.html' }],
      progress: 'not attempted',
    })
    expect((await site.list())[0]).toEqual(body)
    expect(await (await site.ask(`/api/courses/${body.id}`)).json()).toEqual(body)
  })

  test('is deleted with all of its files', async () => {
    const { id } = await taken()
    const launch = await site.launch(id)
    expect((await site.askContent(`${launch}content/index.html`)).status).toBe(200)
    expect((await site.ask(`/api/courses/${id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await site.ask(`/api/courses/${id}`, { method: 'DELETE' })).status).toBe(404)
    expect((await site.list()).map((each) => each.id)).not.toContain(id)
    expect((await site.paths()).filter((path) => path.includes(id))).toEqual([])
    expect((await site.askContent(`${launch}content/index.html`)).status).toBe(404)
    expect((await put(id, { item: 'ITEM-1', cmi: {} }, launch)).status).toBe(404)
  })

  test('leaves nothing behind when its upload is broken off', async () => {
    const before = await site.paths()
    const headers = { 'content-type': 'application/zip', 'content-length': '100000', ...(await site.entitled()) }
    const breaking = request(`${site.url()}/api/courses`, { method: 'POST', headers })
    breaking.on('error', () => undefined)
    breaking.write(Buffer.alloc(50_000))
    await waitFor(async () => (await site.paths()).some((path) => path.endsWith('package.zip')))
    breaking.destroy()
    await waitFor(async () => (await site.paths()).every((path) => !path.startsWith('course-uploads/')))
    expect((await site.paths()).filter((path) => path !== 'course-uploads')).toEqual(
      before.filter((path) => path !== 'course-uploads'),
    )
  })

  test('of more than the storage of the plan is refused', async () => {
    const large = [...course(), { name: 'film.bin', data: Buffer.alloc(2 * 1024 * 1024, 'ab'), isStored: true }]
    const claims = { ...growth, limits: { storageMiB: 1 } }
    const response = await site.send(new Uint8Array(zipOf(large)), { claims })
    expect(response.status).toBe(507)
    // On the same connection.
    await taken()
  })

  test('that says it unpacks to more than the storage of the plan is refused', async () => {
    const film = { name: 'film.bin', data: randomBytes(2 * 1024 * 1024), declaredBytes: 65 * 1024 * 1024 }
    const response = await site.upload([...course(), film])
    expect(await response.json()).toMatchObject({
      status: 507,
      detail: expect.stringMatching(/^The package needs 66 MB, and 6\d MB are free/),
    })
  })

  test('may be one of three at a time, and the next is asked to wait', async () => {
    const headers = { 'content-type': 'application/zip', 'content-length': '1000', ...(await site.entitled()) }
    const open = [1, 2, 3].map(() => {
      const each = request(`${site.url()}/api/courses`, { method: 'POST', headers })
      each.on('error', () => undefined)
      each.write('P')
      return each
    })
    const underWay = async () => (await site.paths()).filter((path) => path.endsWith('package.zip')).length
    await waitFor(async () => (await underWay()) === 3)
    const response = await site.upload(course())
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('10')
    for (const each of open) each.destroy()
    await waitFor(async () => (await underWay()) === 0)
    await taken()
  })
})

describe('without the feature', () => {
  const starter = { ...exampleClaims, plan: 'starter' }
  const cases: readonly [string, string, RequestInit][] = [
    ['taking', '/api/courses', { method: 'POST', headers: { 'content-type': 'application/zip' }, body: 'zip' }],
    ['listing', '/api/courses', {}],
    ['a player', '/courses/00000000000000000000/', {}],
  ]
  test.each(cases)('%s answers 402 and says which plan has it', async (_, path, init) => {
    const response = await site.ask(path, { ...init, claims: starter })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.status).toBe(402)
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Payment Required',
      status: 402,
      detail: 'SCORM is not part of the plan Starter. The plans Growth and Enterprise include it.',
      feature: 'scorm',
      plans: ['growth', 'enterprise'],
    })
  })

  test('an older router, which sends nothing of other plans, is understood', async () => {
    const claims = { ...starter, facts: { trialEndsAt: null } }
    const response = await site.ask('/api/courses', { claims })
    expect(await response.json()).toMatchObject({ status: 402, plans: [] })
  })

  test('a course can still be deleted, to make room', async () => {
    const { id } = await taken()
    const html = await (await site.ask('/', { claims: starter })).text()
    expect(html).toContain('The plans Growth and Enterprise include it.')
    expect(html).toContain(`data-course="${id}"`)
    expect(html).not.toContain(`href="/courses/${id}/"`)
    expect((await site.ask(`/api/courses/${id}`, { method: 'DELETE', claims: starter })).status).toBe(204)
  })

  test('nobody without an entitlement gets anything', async () => {
    expect((await fetch(`${site.url()}/api/courses`)).status).toBe(403)
    expect((await fetch(`${site.url()}/api/courses/00000000000000000000`, { method: 'DELETE' })).status).toBe(403)
  })
})

describe('content', () => {
  let id: string
  let launch: string
  beforeAll(async () => {
    ;({ id } = await taken([...course(), { name: 'Übung 1.html', data: '<p>eins' }, { name: 'empty.txt' }]))
    launch = await site.launch(id)
  })
  const content = (path: string, init: RequestInit = {}) => site.askContent(`${launch}content/${path}`, init)

  test('is served with its type, under a policy that keeps it on its origin and below the site', async () => {
    const response = await content('index.html')
    expect(response.headers.get('content-type')).toBe('text/html')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain(
      "; frame-ancestors 'self' http://acme.localhost; sandbox allow-scripts allow-same-origin allow-forms",
    )
    expect(policy?.replace('http://acme.localhost', '')).not.toMatch(/https?:|\*/)
    expect(await response.text()).toContain('LMSInitialize')
  })

  test('is found under a name that is not ASCII, however it is composed', async () => {
    expect(await (await content(`${encodeURIComponent('Übung 1.html'.normalize('NFD'))}?a=1`)).text()).toBe('<p>eins')
  })

  test('of no bytes is served', async () => {
    expect(await (await content('empty.txt')).text()).toBe('')
  })

  test('is served in part, as players of films ask for it', async () => {
    const ranges = ['bytes=2-4', 'bytes=7-', 'bytes=-2', 'bytes=0-99', 'bytes=5-2', 'lines=1-2', 'bytes=0-1,4-5']
    const answers: [number, string][] = []
    for (const range of ranges) {
      const response = await content('media/film.mp4', { headers: { range } })
      answers.push([response.status, await response.text()])
    }
    const whole = 'abcdefghij'
    const parts = [206, 206, 206, 206, 200, 200, 200]
    const texts = ['cde', 'hij', 'ij', whole, whole, whole, whole]
    expect(answers).toEqual(parts.map((status, index) => [status, texts[index]]))
    const beyond = await content('media/film.mp4', { headers: { range: 'bytes=10-' } })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10'])
    expect((await content('media/film.mp4', { method: 'HEAD' })).headers.get('content-length')).toBe('10')
  })

  const nowhere = ['media', 'media/', 'nothing.html', '..%2fcourse.json', 'media%2f..%2f..%2fcourse.json', '%00', '%ff']
  test.each([...nowhere, '..%5ccourse.json', '%2e%2e/course.json', '/etc/passwd'])('is not %s', async (path) => {
    expect((await content(path)).status).toBe(404)
  })

  test('installs no service worker, which would outlive it', async () => {
    const headers = { 'service-worker': 'script' }
    expect((await content('index.html', { headers })).status).toBe(403)
    expect((await site.askContent(`${launch}player.js`, { headers })).status).toBe(403)
  })

  test('is played in a page that nobody else may frame', async () => {
    const response = await site.ask(`/courses/${id}`)
    expect(response.url).toMatch(/\/$/)
    const html = await response.text()
    expect(html).toContain('<h1>Safety at sea</h1>')
    expect(html).toContain('sandbox="allow-scripts allow-same-origin allow-forms"')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain('frame-src http://acme--content.localhost;')
  })

  test('is played by the library, served from here', async () => {
    for (const [name, exported] of Object.entries({ scorm12: 'Scorm12API', scorm2004: 'Scorm2004API' })) {
      const response = await site.askContent(`${launch}scorm-again/${name}.js`)
      expect(response.headers.get('content-type')).toContain('text/javascript')
      expect(await response.text()).toContain(exported)
    }
  })
})

describe('progress', () => {
  const twoItems = course({
    items: `<item identifier="A" identifierref="RES-1"><title>One</title></item>
      <item identifier="B" identifierref="RES-1" parameters="?page=2"><title>Two</title></item>`,
  })
  const done = { core: { lesson_status: 'passed' }, suspend_data: 'x'.repeat(60_000) }

  test('is kept for each item, and summed up', async () => {
    const { id, items } = await taken(twoItems)
    expect(items.map(({ href }) => href)).toEqual(['index.html', 'index.html?page=2'])
    const progress = async () => ((await (await site.ask(`/api/courses/${id}`)).json()) as CourseBody).progress
    expect((await put(id, { item: 'A', cmi: done })).status).toBe(204)
    expect(await progress()).toBe('incomplete')
    expect((await put(id, { item: 'B', cmi: { completion_status: 'completed' } })).status).toBe(204)
    expect(await progress()).toBe('completed')
    const state = (await (await site.ask(`/api/courses/${id}/state`)).json()) as object
    expect(state).toMatchObject({ items: { A: { cmi: done }, B: { cmi: { completion_status: 'completed' } } } })
  })

  test('of many at once loses nothing', async () => {
    const items = Array.from({ length: 20 }, (_, index) => `I${index}`)
    const { id } = await taken(
      course({ items: items.map((item) => `<item identifier="${item}" identifierref="RES-1"/>`).join('') }),
    )
    await Promise.all(items.map((item) => put(id, { item, cmi: { location: item } })))
    const state = (await (await site.ask(`/api/courses/${id}/state`)).json()) as { items: Record<string, object> }
    for (const item of items) expect(state.items[item]).toMatchObject({ cmi: { location: item } })
  })

  const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`) as object
  const refused: readonly [string, unknown, string][] = [
    ['a list', [], 'item'],
    ['another item', { item: 'C', cmi: {} }, 'item'],
    ['no data', { item: 'A' }, 'cmi'],
    ['data that is too deep', { item: 'A', cmi: deep }, 'cmi'],
    ['an unknown field', { item: 'A', cmi: {}, score: 1 }, 'score'],
  ]
  test.each(refused)('of %s is refused', async (_, body, path) => {
    const { id } = await taken(twoItems)
    const response = await put(id, body)
    expect(await response.json()).toMatchObject({ status: 400, errors: [{ path }] })
  })

  test('of more than a mebibyte is refused, and of a course that is gone', async () => {
    const { id } = await taken()
    expect((await put(id, { item: 'ITEM-1', cmi: { suspend_data: 'x'.repeat(1024 * 1024) } })).status).toBe(413)
    const launch = await site.launch(id)
    await site.ask(`/api/courses/${id}`, { method: 'DELETE' })
    expect((await put(id, { item: 'ITEM-1', cmi: {} }, launch)).status).toBe(404)
  })
})

describe('what the items of a course keep together', () => {
  const items = Array.from({ length: 9 }, (_, index) => `I${index}`)
  const nine = course({ items: items.map((item) => `<item identifier="${item}" identifierref="RES-1"/>`).join('') })
  const almostMebibyte = { suspend_data: 'x'.repeat(1024 * 1024 - 100) }
  const stateOf = async (id: string) => await (await site.ask(`/api/courses/${id}/state`)).text()

  test('has a bound: what goes beyond is refused, what was kept stays, and less is taken again', async () => {
    const { id } = await taken(nine)
    const [last = '', ...others] = items
    for (const item of others) expect((await put(id, { item, cmi: almostMebibyte })).status).toBe(204)
    const before = await stateOf(id)
    const response = await put(id, { item: last, cmi: almostMebibyte })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({
      status: 413,
      detail: expect.stringMatching(/at most 8388608 bytes together.*What was saved before is kept/),
    })
    expect(await stateOf(id)).toBe(before)
    expect((await put(id, { item: others[0], cmi: {} })).status).toBe(204)
    expect((await put(id, { item: last, cmi: almostMebibyte })).status).toBe(204)
  })

  test('can be made less where it is more, from before there was a bound', async () => {
    const { id } = await taken(nine)
    const large = { cmi: { suspend_data: 'x'.repeat(5 * 1024 * 1024) }, at: '2026-01-01T00:00:00.000Z' }
    const path = join(site.dataDirectory, 'courses', id, 'state.json')
    await writeFile(path, JSON.stringify({ items: { I0: large, I1: large } }))
    expect((await put(id, { item: 'I2', cmi: {} })).status).toBe(413)
    expect((await put(id, { item: 'I0', cmi: {} })).status).toBe(204)
    expect((await put(id, { item: 'I2', cmi: {} })).status).toBe(204)
  })

  test('is not read for a list: how far each course has come is known', async () => {
    await using own = await openCourseSite()
    const { id } = (await (await own.upload(course())).json()) as CourseBody
    const saving = (completion_status: string) => own.put(id, { item: 'ITEM-1', cmi: { completion_status } })
    expect((await saving('completed')).status).toBe(204)
    await own.kill()
    await own.startAgain()
    const progress = async () => (await own.list()).map((each) => each.progress)
    expect(await progress()).toEqual(['completed'])
    await rm(join(own.dataDirectory, 'courses', id, 'state.json'))
    expect(await progress()).toEqual(['completed'])
    // A commit is seen at once.
    expect((await saving('incomplete')).status).toBe(204)
    expect(await progress()).toEqual(['incomplete'])
  })
})

describe('kill -9', () => {
  const filler = Array.from({ length: 120 }, (_, index) => ({ name: `page-${index}.html`, data: `page ${index}` }))

  /** Uploads three at once and kills the site meanwhile. */
  const killInUpload = async (own: CourseSite, delay: number): Promise<readonly string[]> => {
    const uploads = [1, 2, 3].map(async () => {
      const response = await own.upload([...course(), ...filler])
      return response.status === 201 ? ((await response.json()) as CourseBody).id : undefined
    })
    const answers = Promise.allSettled(uploads)
    await sleep(delay)
    await own.kill()
    return (await answers).flatMap((each) => (each.status === 'fulfilled' ? (each.value ?? []) : []))
  }

  test('loses no course and no progress that was acknowledged, and leaves no half course', {
    timeout: 600_000,
  }, async () => {
    await using own = await openCourseSite()
    const start = performance.now()
    const first = (await (await own.upload([...course(), ...filler])).json()) as CourseBody
    const took = performance.now() - start
    const acknowledged = [first.id]
    let halfDone = 0
    const launch = await own.launch(first.id)
    const saved = await own.put(first.id, { item: 'ITEM-1', cmi: { suspend_data: 'kept' } }, launch)
    expect(saved.status).toBe(204)

    // A kill in the middle of an upload is a matter of luck, so there are more where none was.
    for (let kills = 0; kills < 3 || (halfDone === 0 && kills < 20); kills += 1) {
      acknowledged.push(...(await killInUpload(own, (0.4 + 0.6 * (kills % 4)) * took)))
      if ((await own.paths()).some((path) => path.endsWith('.html') && path.startsWith('course-uploads'))) halfDone += 1
      await own.startAgain()
      const listed = (await own.list()).map(({ id }) => id)
      expect(listed).toEqual(expect.arrayContaining(acknowledged))
      for (const id of listed) {
        const page = await own.askContent(`${await own.launch(id)}content/page-119.html`)
        expect(await page.text()).toBe('page 119')
      }
      // A launch from before the kill stays valid.
      const again = await own.put(first.id, { item: 'ITEM-1', cmi: { suspend_data: 'kept' } }, launch)
      expect(again.status).toBe(204)
      await waitFor(async () => !(await own.paths()).some((path) => path.startsWith('course-uploads')))
    }
    expect(halfDone).toBeGreaterThan(0)
    const state = await (await own.ask(`/api/courses/${first.id}/state`)).json()
    expect(state).toMatchObject({ items: { 'ITEM-1': { cmi: { suspend_data: 'kept' } } } })
  })
})

test('a manifest is read in the encoding it declares', async () => {
  const text = manifest({ title: 'Übung', before: '<?xml version="1.0" encoding="ISO-8859-1"?>' })
  const files = course().map((file) =>
    file.name === 'imsmanifest.xml' ? { ...file, data: Buffer.from(text, 'latin1') } : file,
  )
  expect((await taken(files)).title).toBe('Übung')
  const wide = Buffer.from(`\ufeff${manifest({ title: 'Übung 2', before: '' })}`, 'utf16le')
  expect(
    (await taken(files.map((file) => (file.name === 'imsmanifest.xml' ? { ...file, data: wide } : file)))).title,
  ).toBe('Übung 2')
})
