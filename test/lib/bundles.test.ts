import { execFile } from 'node:child_process'
import { mkdtemp, mkdtempDisposable, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { functions } from '../../lambdas/manifest.ts'
import { bundleArchiver, bundleFunctions, bundleModules, bundleRouter } from '../../lib/bundles.ts'

const run = promisify(execFile)

const directory = await mkdtemp(join(tmpdir(), 'sitewright-bundles-'))
const bundles = await bundleFunctions(directory)

afterAll(() => rm(directory, { recursive: true, force: true }))

const names = functions.map(({ name }) => name)

describe('the bundles', () => {
  it('are one for each function of the manifest', () => {
    expect([...bundles.keys()]).toEqual(names)
  })

  it('can be read by the user of a function, whatever the umask where they are made', async () => {
    await using restricted = await mkdtempDisposable(join(tmpdir(), 'sitewright-bundles-'))
    const umask = process.umask(0o077)
    try {
      const made = await bundleModules(new Map([['names', 'cloud/names.ts']]), restricted.path)
      const { mode } = await stat(join(made.get('names')!, 'index.mjs'))
      expect(mode & 0o777).toBe(0o644)
    } finally {
      process.umask(umask)
    }
  })

  it.each(names)('of %s loads where nothing else is, and exports a handler', async (name) => {
    const module = join(bundles.get(name)!, 'index.mjs')
    const show = `import(${JSON.stringify(module)}).then((it) => console.log(Object.keys(it).join(), typeof it.handler))`
    const { stdout } = await run(process.execPath, ['--eval', show], { cwd: '/', env: {} })
    expect(stdout.trim()).toBe('handler function')
  })

  it.each(names)('of %s holds no call that an ES module cannot make, and a map', async (name) => {
    const modules = (await readdir(bundles.get(name)!)).filter((file) => file.endsWith('.mjs'))
    for (const file of modules) {
      expect((await readFile(join(bundles.get(name)!, file), 'utf8')).includes('Dynamic require of')).toBe(false)
    }
    const text = await readFile(join(bundles.get(name)!, 'index.mjs'), 'utf8')
    expect(text.slice(-100)).toMatch(/\n\/\/# sourceMappingURL=index\.mjs\.map\n$/)
    const map = JSON.parse(await readFile(join(bundles.get(name)!, 'index.mjs.map'), 'utf8'))
    expect(map.sources.some((source: string) => source.endsWith('cloud/deployed-function.ts'))).toBe(true)
    expect(map).not.toHaveProperty('sourcesContent')
  })

  it.each(names)('of %s does not have Node make all of its HTTP module for a part', async (name) => {
    const modules = (await readdir(bundles.get(name)!)).filter((file) => file.endsWith('.mjs'))
    const texts = await Promise.all(modules.map((file) => readFile(join(bundles.get(name)!, file), 'utf8')))
    expect(texts.join('')).toContain('getBuiltinModule("node:http")')
    expect(texts.join('')).not.toMatch(/(from|import\()\s*"node:http"/)
  })

  it('of a function holds neither another function nor a capability that it does not use', async () => {
    const files = (await readdir(bundles.get('mail-owner')!)).filter((file) => file.endsWith('.mjs'))
    const texts = await Promise.all(files.map((file) => readFile(join(bundles.get('mail-owner')!, file), 'utf8')))
    const text = texts.join('')
    expect(text).toContain('"mail-owner"')
    const schemaOfConfig = 'must be 2 to 12 lower-case letters and digits'
    for (const foreign of [
      '"public-api"',
      '"admit-waiting"',
      // Of its own file.
      '"owner-api"',
      '"heal-work"',
      '/v1/operator/sites',
      'STRIPE_SECRET"))',
      'getPublicKey',
      schemaOfConfig,
    ]) {
      expect(text).not.toContain(foreign)
    }
  })

  it('are the same each time, so that a deploy replaces no function whose code is what it was', async () => {
    await using other = await mkdtempDisposable(join(tmpdir(), 'sitewright-bundles-'))
    const few = ['owner-api', 'start-site']
    const again = await bundleModules(new Map(few.map((name) => [name, `function:${name}`])), other.path)
    for (const name of few) {
      const path = bundles.get(name)!
      const files = await readdir(path)
      expect(await readdir(again.get(name)!)).toEqual(files)
      for (const file of files) {
        const [one, two] = [await readFile(join(path, file)), await readFile(join(again.get(name)!, file))]
        expect([name, file, one.equals(two)]).toEqual([name, file, true])
      }
    }
  })

  it('of the router has the script of the owner’s bar, of one line', async () => {
    await bundleRouter(directory)
    const text = await readFile(join(directory, 'router', 'index.mjs'), 'utf8')
    expect(text).toContain('sitewright-bar')
    expect(text).not.toContain('The router gives the constant')
  })

  it.each([
    ['router', bundleRouter],
    ['archiver', bundleArchiver],
  ])('of the %s has what its packages ask for', async (name, bundle) => {
    await bundle(directory)
    const text = await readFile(join(directory, name, 'index.mjs'), 'utf8')
    expect(text.slice(0, 100)).toMatch(/^import\{createRequire\}/)
    await run(process.execPath, ['--check', join(directory, name, 'index.mjs')])
  })
})
