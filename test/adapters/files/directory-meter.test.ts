import { execFile } from 'node:child_process'
import { chmod, link, mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectoryMeter, createSiteStorage } from '../../../adapters/files/site-storage.ts'

const home = { siteId: 'site_01jq3v5k8m0000000000000001', cell: 'local', generation: 2 } as const
const kibibyte = 1024

let root: string
let directory: string

const storage = () => createSiteStorage({ root, mayGiveAway: false })
const measure = async () => (await createDirectoryMeter(storage()).measure(home)) ?? Number.NaN

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sitewright-meter-'))
  await storage().prepare(home)
  directory = storage().directoryOf(home)
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

/** Root may read everything, so it becomes somebody else for the moment. */
const asNobody = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('measuring a data directory', () => {
  it('finds what du finds', async () => {
    await mkdir(join(directory, 'a/b/c'), { recursive: true })
    for (let number = 0; number < 300; number += 1) {
      await writeFile(join(directory, number % 2 ? 'a' : 'a/b/c', `file ${number}`), 'x'.repeat(number * 100))
    }
    const { stdout } = await promisify(execFile)('du', ['--summarize', '--block-size=1', directory])
    // Du counts the directory itself, and empty files as nothing.
    expect(Math.abs((await measure()) - Number(stdout.split('\t')[0]))).toBeLessThanOrEqual(8 * kibibyte)
    expect(await measure()).toBeGreaterThan(4_000_000)
  })

  it('counts a sparse file for what it takes, and a file with two names once', async () => {
    const sparse = join(directory, 'sparse')
    await writeFile(sparse, 'x')
    await truncate(sparse, 1024 * 1024 * 1024)
    const file = join(directory, 'one')
    await writeFile(file, Buffer.alloc(1024 * kibibyte, 1))
    await link(file, join(directory, 'other'))
    const bytes = await measure()
    expect(bytes).toBeGreaterThanOrEqual(1024 * kibibyte)
    expect(bytes).toBeLessThan(1200 * kibibyte)
  })

  it('follows no link, wherever it leads', async () => {
    const outside = join(root, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'large'), Buffer.alloc(1024 * kibibyte, 1))
    await symlink(outside, join(directory, 'directory'))
    await symlink(join(outside, 'large'), join(directory, 'file'))
    await symlink('.', join(directory, 'itself'))
    expect(await measure()).toBeLessThan(16 * kibibyte)
  })

  it('does not miss what has a name that is no text', async () => {
    const name = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe, 0x41])])
    const file = await open(name, 'w')
    await file.writeFile(Buffer.alloc(64 * kibibyte, 1))
    await file.close()
    const odd = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xe9])])
    await mkdir(odd)
    await writeFile(Buffer.concat([odd, Buffer.from('/inside')]), Buffer.alloc(64 * kibibyte, 1))
    expect(await measure()).toBeGreaterThanOrEqual(128 * kibibyte)
  })

  it('takes empty files for something', async () => {
    for (let number = 0; number < 100; number += 1) await writeFile(join(directory, String(number)), '')
    expect(await measure()).toBeGreaterThanOrEqual(100 * 512)
  })

  it('measures while the site writes and deletes', async () => {
    let isOver = false
    const busy = (async () => {
      for (let number = 0; !isOver; number += 1) {
        const place = join(directory, `d${number % 5}`)
        await mkdir(place, { recursive: true })
        await writeFile(join(place, 'file'), 'x')
        await rm(place, { recursive: true })
      }
    })()
    await writeFile(join(directory, 'kept'), Buffer.alloc(64 * kibibyte, 1))
    for (let round = 0; round < 50; round += 1) expect(await measure()).toBeGreaterThanOrEqual(64 * kibibyte)
    isOver = true
    await busy
  })

  it('lets everything else continue meanwhile', async () => {
    for (let number = 0; number < 500; number += 1) await writeFile(join(directory, String(number)), '')
    let turns = 0
    let isOver = false
    const others = (async () => {
      while (!isOver) {
        await turn()
        turns += 1
      }
    })()
    await measure()
    isOver = true
    await others
    expect(turns).toBeGreaterThan(100)
  })

  it('says so where something is hidden too deep', async () => {
    await mkdir(join(directory, 'd/'.repeat(120)), { recursive: true })
    await expect(measure()).rejects.toThrow('nested deeper than 100')
  })

  it('says so where something cannot be read', async () => {
    const closed = join(directory, 'closed')
    await mkdir(closed)
    for (const open of [root, directory]) await chmod(open, 0o755)
    await expect(asNobody(measure)).resolves.toBeDefined()
    await chmod(closed, 0)
    await expect(asNobody(measure)).rejects.toMatchObject({ code: 'EACCES' })
    await chmod(closed, 0o700)
  })

  it('knows nothing of a directory that is not there', async () => {
    const meter = createDirectoryMeter(storage())
    expect(await meter.measure({ ...home, generation: 3 })).toBeUndefined()
  })
})
