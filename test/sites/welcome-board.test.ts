import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { type CourseSite, openCourseSite } from './course-site.ts'
import { newKeyPair } from './entitlement-tokens.ts'
import { startWelcome, temporaryDirectory } from './welcome-process.ts'

let site: CourseSite
beforeEach(async () => {
  const opened = await openCourseSite()
  site = opened
  return () => opened[Symbol.asyncDispose]()
})

type Asking = Parameters<CourseSite['ask']>[1]
const stranger = { viewer: null }
const pageFor = async (who: Asking = {}) => (await site.ask('/', who)).text()
const remove = async (path: string, who: Asking = {}) => (await site.ask(path, { method: 'DELETE', ...who })).status
const write = async (text: string, who: Asking = {}) => {
  const headers = { 'content-type': 'application/json' }
  return (await site.ask('/api/entries', { method: 'POST', headers, body: JSON.stringify({ text }), ...who })).json()
}

describe('samples', () => {
  test('are shown as such to the owner alone, who can remove them for good', async () => {
    const seen = await pageFor(stranger)
    expect(seen).not.toContain('Sample')
    expect(seen).toContain('<p id="no-entries" class="card quiet">')
    const own = await pageFor()
    expect(own.match(/>Sample</g)).toHaveLength(3)
    expect(own).toContain('Only you see these three.')
    expect(own).not.toContain('Mira')
    expect(own).toContain('Remove samples')
    expect(own).toContain('class="card quiet" hidden>')
    expect(await remove('/api/samples', stranger)).toBe(403)
    expect(await remove('/api/samples')).toBe(204)
    await site.kill()
    await site.startAgain()
    expect(await pageFor()).not.toContain('Sample')
    expect(await pageFor()).toContain('<p id="no-entries" class="card quiet">')
  })

  test('are no entries', async () => {
    expect(await (await site.ask('/api/entries')).json()).toEqual({ entries: [] })
    expect(await pageFor()).toContain('data-done=""')
  })

  test.each([
    ['do not come among the entries of an earlier version', true],
    ['come to a site of an earlier version without entries', false],
  ])('%s', async (_, hasEntry) => {
    await using data = await temporaryDirectory()
    const database = new DatabaseSync(join(data.path, 'entries.sqlite'))
    database.exec(
      'CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, at TEXT NOT NULL) STRICT',
    )
    if (hasEntry) database.exec("INSERT INTO entries (text, at) VALUES ('from before', '2026-03-01T12:00:00.000Z')")
    database.close()
    await using upgraded = await startWelcome({ dataDirectory: data.path, rootKey: (await newKeyPair()).jwk.x ?? '' })
    const page = await (await fetch(upgraded.url)).text()
    expect(page.includes('from before')).toBe(hasEntry)
    // Version 0 has samples, which only the owner sees.
    const kept = new DatabaseSync(join(data.path, 'entries.sqlite'), { readOnly: true })
    expect(kept.prepare('PRAGMA user_version').get()).toEqual({ user_version: hasEntry ? 1 : 0 })
    kept.close()
  })
})

describe('an entry', () => {
  test('names the owner if the owner wrote it, and nobody else', async () => {
    expect(await write('of the owner')).toMatchObject({ isOwners: true })
    expect(await write('of a visitor', stranger)).not.toHaveProperty('isOwners')
    expect(await write('of a guest', { viewer: { claims: { role: 'guest' } } })).not.toHaveProperty('isOwners')
    const page = await pageFor(stranger)
    expect(/of the owner<\/p>\s*<footer><b>/.test(page)).toBe(true)
    expect(/of a visitor<\/p>\s*<footer><time/.test(page)).toBe(true)
  })

  test('of the owner is changed by the owner alone, and keeps its time', async () => {
    const change = async (id: number, text: string, who: Asking = {}) => {
      const headers = { 'content-type': 'application/json' }
      return (await site.ask(`/api/entries/${id}`, { method: 'PUT', headers, body: JSON.stringify({ text }), ...who }))
        .status
    }
    const mine = (await write('helo')) as { id: number; at: string }
    const theirs = (await write('of a visitor', stranger)) as { id: number }
    expect(await change(mine.id, 'hacked', stranger)).toBe(403)
    expect(await change(mine.id, '  ')).toBe(400)
    // Nobody changes the words of a visitor.
    expect(await change(theirs.id, 'I like it')).toBe(404)
    expect(await change(mine.id, 'hello <b>')).toBe(204)
    const { entries } = (await (await site.ask('/api/entries')).json()) as { entries: object[] }
    expect(entries).toEqual([
      expect.objectContaining({ id: theirs.id, text: 'of a visitor' }),
      { id: mine.id, text: 'hello <b>', at: mine.at, isOwners: true },
    ])
    expect((await pageFor()).match(/class="edit"/g)).toHaveLength(1)
    expect(await pageFor(stranger)).not.toContain('class="edit"')
  })

  test('is deleted by the owner alone', async () => {
    const { id } = (await write('spam', stranger)) as { id: number }
    expect(await remove(`/api/entries/${id}`, stranger)).toBe(403)
    expect(await pageFor(stranger)).not.toContain('class="delete"')
    expect(await remove(`/api/entries/${id}`)).toBe(204)
    expect(await remove(`/api/entries/${id}`)).toBe(404)
    expect(await pageFor()).not.toContain('spam')
  })
})

test('the checklist is told which steps are done, for the owner alone', async () => {
  const done = async () => /data-done="([^"]*)"/.exec(await pageFor())?.[1]
  expect(await done()).toBe('')
  await write('hello')
  expect(await done()).toBe('write')
  await write('hello back', stranger)
  expect(await done()).toBe('write invite')
  expect(await pageFor()).toContain('src="/_sitewright/bar.js"')
  expect(await pageFor(stranger)).not.toContain('sitewright')
})
