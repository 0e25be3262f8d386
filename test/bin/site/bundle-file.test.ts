import { createHash } from 'node:crypto'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type Bundle,
  bundleFiles,
  makeBundleKey,
  openBundle,
  readBundle,
  sealBundle,
} from '../../../bin/site/bundle-file.ts'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import { bundledSiteSchema } from '../../../lambdas/bundles/bundled-site.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const blueprint = blueprintSchema.parse({
  ...{ name: 'welcome', version: 3, title: 'For a test', access: 'public' },
  containers: [{ name: 'web', image: 'sitewright/none:1', secrets: ['DB_PASSWORD'] }],
  traffic: { container: 'web' },
  data: { mode: 'shared' },
})

const site = bundledSiteSchema.parse({
  ...{ siteId: 'site_01jq3v5k8m0000000000000001', slug: 'shop', hostname: 'shop.example.com', name: 'Müllers Laden' },
  ...{ owner: { email: 'ada@example.com' }, plan: 'trial', blueprint, variables: { THEME: 'dark' } },
  archive: {
    ...{ id: 'arc_01jq3v5k8m0000000000000001', at: '2026-03-01T12:00:00.000Z', kind: 'reclaim' },
    ...{ bytes: 5000, files: 3, blueprint: { name: 'welcome', version: 3 } },
  },
  ...{ trialEndsAt: '2026-03-22T12:00:00.000Z', domains: ['www.example.org'] },
})

const planted = 'a password that the database knows'
const secrets = { generated: { DB_PASSWORD: planted }, set: {} }
const key = makeBundleKey()

const digest = (content: Buffer) => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
})

/** Numbers below `end`, the same in each run. */
const numbers = (seed: string) => {
  let count = 0
  return (end: number): number => createHash('sha256').update(`${seed} ${count++}`).digest().readUInt32BE() % end
}

const flipped = (content: Buffer, at: number, bit: number): Buffer => {
  const changed = Buffer.from(content)
  changed[at] = (changed[at] ?? 0) ^ (1 << bit)
  return changed
}

let directory = ''
const contents = {
  archive: Buffer.from('the data of a site '.repeat(2000)),
  manifest: Buffer.from('{"format":"sitewright-archive"}\n'),
}
const files = { archive: digest(contents.archive), manifest: digest(contents.manifest) }
const text = sealBundle({ site, secrets, files }, key)

beforeAll(async () => {
  directory = await directoryForAll()
})

const write = async (): Promise<void> => {
  for (const part of ['archive', 'manifest'] as const) {
    await writeFile(join(directory, bundleFiles[part]), contents[part])
  }
  await writeFile(join(directory, bundleFiles.description), text)
}

describe('bundle.json', () => {
  it('says what it was made of, to the one who has the key', () => {
    expect(openBundle(text, key)).toEqual({ site, secrets, files } satisfies Bundle)
  })

  it('shows no secret, and is another text each time', () => {
    expect(text).not.toContain(planted)
    expect(text).not.toContain(Buffer.from(planted).toString('base64').slice(4, -4))
    expect(sealBundle({ site, secrets, files }, key)).not.toBe(text)
  })

  it.each([
    [makeBundleKey(), 'does not open'],
    ['swbk_short', 'not a key of a bundle'],
    ['', 'not a key of a bundle'],
  ])('is not opened by %s', (other, message) => {
    expect(() => openBundle(text, other)).toThrow(message)
  })

  it.each([
    [text.replace('"version":1', '"version":2'), 'Update first'],
    [text.replace('sitewright-bundle', 'sitewright-archive'), 'is not of a bundle'],
    ['', 'is not whole'],
    ['[]', 'is not of a bundle'],
    ['null', 'is not of a bundle'],
    [`${text}\n`, 'was changed'],
    [text.replace(':', ': '), 'was changed'],
    [text.replace('"plan":"trial"', '"plan":"pro00"'), 'was changed'],
    [text.replace('"plan":"trial"', '"plan":"trial","plan":"trial"'), 'was changed'],
    [text.replace('"sealed":', '"more":1,"sealed":'), 'was changed'],
  ])('is refused with another content: %#', (other, message) => {
    expect(() => openBundle(other, key)).toThrow(message)
  })

  it('is refused with any byte changed, and cut off anywhere', () => {
    const content = Buffer.from(text)
    const number = numbers('bundle.json')
    const accepted: string[] = []
    const attempt = (changed: Buffer, how: string): void => {
      try {
        openBundle(changed.toString('utf8'), key)
        accepted.push(how)
      } catch (error) {
        if (error instanceof Error && error.message.length > 0) return
        throw error
      }
    }
    for (const at of content.keys()) attempt(flipped(content, at, number(8)), `byte ${at} changed`)
    for (let count = 0; count < 200; count += 1) {
      const end = number(content.length)
      attempt(content.subarray(0, end), `cut off at ${end}`)
    }
    expect(accepted).toEqual([])
  })
})

describe('a bundle', () => {
  it('is read whole', async () => {
    await write()
    expect(await readBundle(directory, key)).toMatchObject({ site: { slug: 'shop' }, secrets })
  })

  it.each(['archive', 'manifest'] as const)(
    'is refused with any bit of its %s changed, and cut off anywhere',
    async (part) => {
      await write()
      const path = join(directory, bundleFiles[part])
      const number = numbers(part)
      for (let count = 0; count < 60; count += 1) {
        const at = number(contents[part].length)
        await writeFile(path, flipped(contents[part], at, number(8)))
        await expect(readBundle(directory, key), `bit of byte ${at}`).rejects.toThrow('was changed')
        await writeFile(path, contents[part])
        const end = number(contents[part].length)
        await truncate(path, end)
        await expect(readBundle(directory, key), `cut off at ${end}`).rejects.toThrow(`has ${end} bytes`)
        await writeFile(path, contents[part])
      }
      await rm(path)
      await expect(readBundle(directory, key)).rejects.toThrow('ENOENT')
      expect(await readFile(join(directory, bundleFiles.description), 'utf8')).toBe(text)
    },
  )
})
