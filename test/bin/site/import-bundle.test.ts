import { createHash } from 'node:crypto'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import { type CallOperation, Refused } from '../../../bin/command-line/operators-call.ts'
import { bundleFiles, makeBundleKey, sealBundle } from '../../../bin/site/bundle-file.ts'
import { importBundle } from '../../../bin/site/move-bundle.ts'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { bundledSiteSchema } from '../../../lambdas/bundles/bundled-site.ts'

const blueprint = blueprintSchema.parse({
  ...{ name: 'welcome', version: 3, title: 'For a test', access: 'public' },
  containers: [{ name: 'web', image: 'sitewright/none:1' }],
  traffic: { container: 'web' },
  data: { mode: 'shared' },
})
const siteId = 'site_01jq3v5k8m0000000000000001'
const archiveId = 'arc_01jq3v5k8m0000000000000001'
const site = bundledSiteSchema.parse({
  ...{ siteId, slug: 'shop', hostname: 'shop.example.com', name: 'Shop', owner: { email: 'ada@example.com' } },
  ...{ plan: 'trial', blueprint, variables: {}, trialEndsAt: '2026-03-22T12:00:00.000Z', domains: [] },
  archive: {
    ...{ id: archiveId, at: '2026-03-01T12:00:00.000Z', kind: 'reclaim', bytes: 5000, files: 3 },
    blueprint: { name: 'welcome', version: 3 },
  },
})
const contents = { archive: Buffer.from('the data of a site'), manifest: Buffer.from('its manifest\n') }
const digest = (content: Buffer) => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
})
const whole = Object.values(archiveKeys(siteId, archiveId)).toSorted()

/** What becomes of the request that begins the import. */
type Begin =
  | ('done' | 'reply lost' | 'refused' | 'no room' | 'imported by another')
  | ('token expired' | 'too many requests' | 'fails, and the API is gone')

/** An installation in which a site may be, and a bundle of it. */
const openScene = async (status?: string) => {
  const temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-import-'))
  const directory = temporary.path
  const archives = await openArchiveDirectory(join(directory, 'archives'))
  const key = makeBundleKey()
  const files = { archive: digest(contents.archive), manifest: digest(contents.manifest) }
  for (const part of ['archive', 'manifest'] as const) {
    await writeFile(join(directory, bundleFiles[part]), contents[part])
  }
  const text = sealBundle({ site, secrets: { generated: {}, set: {} }, files }, key)
  await writeFile(join(directory, bundleFiles.description), text)

  let here = status
  let next: Begin = 'done'
  /** What every request meets from then on. */
  let fault: Error | undefined
  const lines: string[] = []
  const stored = async () => {
    const keys: string[] = []
    for await (const one of archives.list('')) keys.push(one.key)
    return keys.toSorted()
  }
  const view = { siteId, url: 'https://shop.example.com' }
  const build = (): object => {
    if (next === 'fails, and the API is gone') fault = new Error('http://localhost does not answer')
    if (next === 'token expired') fault = new Refused('Sign in again.', 401)
    if (fault instanceof Refused) throw fault
    if (next === 'too many requests') throw new Refused('Too many requests.', 429)
    if (['done', 'reply lost', 'imported by another'].includes(next)) here = 'building'
    if (next === 'refused' || next === 'imported by another') throw new Refused('It cannot be imported.', 409)
    if (next !== 'done') throw new Error('The API answered 503.')
    return { ...view, status: 'building', outcome: 'begun' }
  }
  const answerTo = (path: string, isDry: boolean): object => {
    if (fault) throw fault
    if (!path.endsWith('/import')) return { status: here, operation: here === 'archived' ? 'restore' : null }
    if (here !== undefined) return { ...view, status: here, outcome: 'unchanged' }
    return isDry ? { ...view, status: null, outcome: 'possible' } : build()
  }
  const call: CallOperation = async (path, schema, body) =>
    schema.parse(answerTo(path, z.looseObject({ dryRun: z.boolean() }).safeParse(body).data?.dryRun === true))
  return {
    lines,
    stored,
    archives,
    /** Runs the command. The site runs at the second check, if its archive is whole then. */
    run: (begin: Begin = 'done') => {
      next = begin
      fault = undefined
      const pause = async () => {
        here = (await stored()).join() === whole.join() ? 'active' : 'failed'
      }
      const print = (line: string) => void lines.push(line)
      const asked = { directory, key, rehearsal: false, reason: 'Contract 4711' }
      return importBundle({ ...asked, call, installation: { archives }, pause, print })
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  }
}

describe('an import', () => {
  it.each(['done', 'reply lost', 'imported by another'] as const)(
    'leaves the archive to the build: %s',
    async (how) => {
      await using scene = await openScene()
      expect(await scene.run(how)).toBe(true)
      expect(await scene.stored()).toEqual(whole)
      expect(scene.lines.at(-1)).toContain('It runs')
    },
  )

  it.each(['refused', 'no room'] as const)('takes the archive back if nothing was begun: %s', async (how) => {
    await using scene = await openScene()
    await expect(scene.run(how)).rejects.toThrow()
    expect(await scene.stored()).toEqual([])
  })

  it('leaves the archive while nobody says whether the site is built', async () => {
    await using scene = await openScene()
    await expect(scene.run('fails, and the API is gone')).rejects.toThrow('503')
    expect(await scene.stored()).toEqual(whole)
  })

  it('keeps the archive where the token expired meanwhile: another run stores nothing, and begins', async () => {
    await using scene = await openScene()
    await expect(scene.run('token expired')).rejects.toThrow('Sign in again.')
    expect(await scene.stored()).toEqual(whole)
    expect(scene.lines).toEqual([expect.stringContaining('The archive stays there')])
    const put = vi.spyOn(scene.archives, 'put')
    expect(await scene.run()).toBe(true)
    expect(put).not.toHaveBeenCalled()
  })

  it('keeps the archive where the API takes no more requests for a moment', async () => {
    await using scene = await openScene()
    await expect(scene.run('too many requests')).rejects.toThrow('Too many requests.')
    expect(await scene.stored()).toEqual(whole)
  })

  it.each(['building', 'archived'])(
    'stores what is missing for a site that is %s, and waits for it',
    async (status) => {
      await using scene = await openScene(status)
      expect(await scene.run()).toBe(true)
      expect(await scene.stored()).toEqual(whole)
      expect(scene.lines.at(-1)).toContain('It runs')
    },
  )

  it.each([
    ['active', true],
    ['asleep', true],
    ['suspended', false],
  ])('stores nothing for a site that is here and %s, and is done: %s', async (status, isDone) => {
    await using scene = await openScene(status)
    expect(await scene.run()).toBe(isDone)
    expect(await scene.stored()).toEqual([])
    const [found, ...advice] = scene.lines
    expect(found).toContain(`is here already, and ${status}. Nothing was changed`)
    expect(advice.join().includes(`leave ${siteId} --hostname`)).toBe(!isDone)
  })
})
