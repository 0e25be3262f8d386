import { execFileSync } from 'node:child_process'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchedLayer, isFetched, lockOfDuckdb } from '../lib/duckdb-layer-files.ts'

// Fetches DuckDB for Lambda, in the versions and with the digests of package-lock.json. A deploy puts it into a layer.

const root = fileURLToPath(new URL('..', import.meta.url))

// Functions read it as another user. npm's files get their modes from it, too.
process.umask(0o022)

if (!isFetched(root)) {
  const layer = fetchedLayer(root)
  const unfinished = `${layer}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  const directory = join(unfinished, 'nodejs')
  await mkdir(directory, { recursive: true })
  const { manifest, lock } = lockOfDuckdb(root)
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest))
  await writeFile(join(directory, 'package-lock.json'), JSON.stringify(lock))
  const platform = ['--os=linux', '--cpu=arm64', '--libc=glibc']
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...platform], {
    cwd: directory,
    stdio: 'inherit',
  })
  await rm(layer, { recursive: true, force: true })
  await rename(unfinished, layer)
}
console.log(`DuckDB for Lambda is in ${fetchedLayer(root)}`)
