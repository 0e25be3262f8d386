import { mkdir, mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { fetchedLayer, isFetched, layerDirectory, lockOfDuckdb } from '../../lib/duckdb-layer-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('locks DuckDB for Lambda by the versions and digests of the repository, and nothing else', () => {
  const { manifest, lock } = lockOfDuckdb(root) as unknown as {
    manifest: { dependencies: Record<string, string> }
    lock: { packages: Record<string, { version: string; integrity?: string }> }
  }
  const { '': own, ...packages } = lock.packages
  expect(own).toEqual(manifest)
  expect(manifest.dependencies['@duckdb/node-api']).toBe(packages['node_modules/@duckdb/node-api']?.version)
  expect(Object.keys(packages)).toEqual(
    expect.arrayContaining(['node_modules/@duckdb/node-bindings-linux-arm64', 'node_modules/detect-libc']),
  )
  for (const [path, { integrity }] of Object.entries(packages)) {
    expect([path, /^node_modules\/(@duckdb\/|detect-libc$)/.test(path), integrity?.slice(0, 7)]).toEqual([
      path,
      true,
      'sha512-',
    ])
  }
})

it('takes a layer of the locked version, and has a stand-in that says what to do while there is none', async () => {
  await using made = await mkdtempDisposable(join(tmpdir(), 'sitewright-layer-'))
  const native = 'node_modules/@duckdb/node-bindings-linux-arm64'
  const lock = { packages: { [native]: { version: '2.0.0' } } }
  await writeFile(join(made.path, 'package-lock.json'), JSON.stringify(lock))
  const outdir = join(made.path, 'cdk.out')
  expect(await layerDirectory(made.path, outdir)).toBe(join(outdir, 'duckdb'))
  expect(await readdir(join(outdir, 'duckdb'))).toEqual(['README'])
  const fetched = join(fetchedLayer(made.path), 'nodejs', native)
  await mkdir(fetched, { recursive: true })
  await writeFile(join(fetched, 'package.json'), JSON.stringify({ version: '1.0.0' }))
  expect(isFetched(made.path)).toBe(false)
  await writeFile(join(fetched, 'package.json'), JSON.stringify({ version: '2.0.0' }))
  expect(await layerDirectory(made.path, outdir)).toBe(fetchedLayer(made.path))
})
