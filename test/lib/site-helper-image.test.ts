import { execFile } from 'node:child_process'
import { appendFile, cp, mkdtempDisposable, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { App, Stack } from 'aws-cdk-lib'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

const run = promisify(execFile)

/** Makes the image's directory in a copy of the sources. @returns the tag of the image that a deploy builds. */
const tagWith = async (change: (copy: string) => Promise<unknown>): Promise<string> => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-helper-image-'))
  const copy = join(directory.path, 'sources')
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
  await change(copy)
  const make = "import('./lib/bundles.ts').then(({ bundleSiteHelper }) => bundleSiteHelper(process.argv[1]))"
  await run(process.execPath, ['--eval', make, join(directory.path, 'out')], { cwd: copy })
  const built = join(directory.path, 'out/site-helper')
  await run(process.execPath, ['--check', join(built, 'index.mjs')])
  return new DockerImageAsset(new Stack(new App({ outdir: join(directory.path, 'cdk.out') })), 'Image', {
    directory: built,
    platform: Platform.LINUX_ARM64,
  }).assetHash
}

test('the image of the site helper changes with the helper, and with nothing else of a release', async () => {
  const tag = await tagWith(async () => undefined)
  const config = await tagWith(async (copy) => {
    await appendFile(join(copy, 'sitewright.config.ts'), '\nexport const another = 1\n')
    await appendFile(join(copy, 'core/errors.ts'), '\nexport const another = 1\n')
    await appendFile(join(copy, 'cloud/archiver.ts'), '\nconsole.log(1)\n')
  })
  expect(config).toBe(tag)
  expect(await tagWith((copy) => appendFile(join(copy, 'cloud/site-helper.ts'), '\nconsole.log(1)\n'))).not.toBe(tag)
  expect(
    await tagWith((copy) => appendFile(join(copy, 'core/blueprint/interpolate.ts'), '\nconsole.log(1)\n')),
  ).not.toBe(tag)
})
