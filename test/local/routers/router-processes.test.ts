import cluster from 'node:cluster'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, it } from 'vitest'
import { startRouterProcesses } from '../../../local/routers/router-processes.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { waitFor } from '../../support/wait-for.ts'

let errors: unknown[] = []
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: ({ event }: { event?: unknown }) => errors.push(event),
}

beforeEach(() => {
  errors = []
})

const program = fileURLToPath(new URL('../../support/played-router.mjs', import.meta.url))

/** Two routers of a host whose brand is *old*. */
const start = async () => {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await temporaryDirectory())
  const tellBrand = (brand: string) => writeFile(join(path, 'host'), brand)
  await tellBrand('old')
  const routers = await startRouterProcesses({ count: 2, directory: path, logLevel: 'silent', program, log })
  opened.defer(routers.stop)
  const brands = async () => {
    const files = (await readdir(path)).filter((name) => name !== 'host')
    return Promise.all(files.map((name) => readFile(join(path, name), 'utf8').catch(() => 'gone')))
  }
  await expect.poll(brands).toEqual(['old', 'old'])
  const stack = opened.move()
  return { ...routers, tellBrand, brands, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const running = (): readonly number[] =>
  Object.values(cluster.workers ?? {}).flatMap((worker) => worker?.process.pid ?? [])

it('replaces a router too that learns of other terms while routers are replaced', async () => {
  await using routers = await start()
  await routers.tellBrand('new')
  // The first one begins with the terms that its parent knows, which are the old ones.
  await routers.replace()
  await expect.poll(routers.brands).toEqual(['new', 'new'])
})

it('asked again while it replaces routers, replaces those too that it had started', async () => {
  await using routers = await start()
  const first = routers.replace()
  const before = running()
  expect(before).toHaveLength(3)
  await Promise.all([first, routers.replace()])
  await waitFor(() => running().length === 2)
  expect(running().filter((pid) => before.includes(pid))).toEqual([])
})

it('goes on after a time without the program of Node: replaces routers when asked again, and starts one that ended', async () => {
  await using routers = await start()
  const { execPath } = process
  const before = running()
  try {
    process.execPath = '/missing/node'
    await routers.replace()
    expect(errors).toEqual(['router-not-replaced'])
    expect(running()).toEqual(before)
    process.kill(before[0] ?? 0, 'SIGKILL')
    // It tries again, in vain.
    await waitFor(() => errors.filter((event) => event === 'router-restarted').length === 2)
    expect(running()).toEqual([before[1]])
  } finally {
    process.execPath = execPath
  }
  await waitFor(() => running().length === 2)
  await routers.replace()
  await waitFor(() => running().length === 2 && !running().some((pid) => before.includes(pid)))
})
