import { execFile } from 'node:child_process'
import { appendFile, cp, mkdtemp, mkdtempDisposable, rename, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { App, Stack } from 'aws-cdk-lib'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

const run = promisify(execFile)

/** A copy of the sources, at another place for each `tag`, which makes the directory of the image as a deploy does. */
const openCopy = async () => {
  const directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-helper-image-'))
  let copy = join(directory.path, 'sources')
  for (const path of [
    'adapters',
    'cloud',
    'core',
    'lambdas',
    'lib/bundles.ts',
    'sitewright.config.ts',
    'package.json',
  ]) {
    await cp(join(root, path), join(copy, path), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const tag = async (): Promise<string> => {
    const out = await mkdtemp(join(directory.path, 'out-'))
    await rename(copy, join(out, 'sources'))
    copy = join(out, 'sources')
    const make = "import('./lib/bundles.ts').then(({ bundleSiteHelper }) => bundleSiteHelper(process.argv[1]))"
    await run(process.execPath, ['--eval', make, out], { cwd: copy })
    const built = join(out, 'site-helper')
    await run(process.execPath, ['--check', join(built, 'index.mjs')])
    return new DockerImageAsset(new Stack(new App({ outdir: join(out, 'cdk.out') })), 'Image', {
      directory: built,
      platform: Platform.LINUX_ARM64,
    }).assetHash
  }
  const append = (path: string, line: string) => appendFile(join(copy, path), `\n${line}\n`)
  return { tag, append, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() }
}

test('the image of the site helper changes with the helper, and with nothing else of a release', async () => {
  await using copy = await openCopy()
  const first = await copy.tag()
  await copy.append('sitewright.config.ts', 'export const another = 1')
  await copy.append('core/errors.ts', 'export const another = 1')
  await copy.append('cloud/archiver.ts', 'console.log(1)')
  expect(await copy.tag()).toBe(first)
  await copy.append('cloud/site-helper.ts', 'console.log(1)')
  const second = await copy.tag()
  expect(second).not.toBe(first)
  await copy.append('core/blueprint/interpolate.ts', 'console.log(1)')
  expect([first, second]).not.toContain(await copy.tag())
})
