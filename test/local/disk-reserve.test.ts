import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { SiteId } from '../../core/ids.ts'
import { keepReserve } from '../../local/disk-reserve.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'

const mebibyte = 1_048_576

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const openHome = async () => {
  const home = await temporaryDirectory()
  onTestFinished(() => home[Symbol.asyncDispose]())
  return home
}

const stage = async ({
  free = 1000,
  total = 20_480,
  reserveMiB = 96 as number | 'usual',
  home = undefined as { readonly path: string } | undefined,
} = {}) => {
  home ??= await openHome()
  const disk = { free, reads: 0 }
  const logged: unknown[] = []
  const log = { warn: (fields: object) => logged.push(fields), error: (fields: object) => logged.push(fields) }
  const paused: SiteId[] = []
  let done = Promise.resolve()
  const pauseFastest = vi.fn(async (): Promise<SiteId | undefined> => {
    await done
    paused.push('site_fast' as SiteId)
    return 'site_fast' as SiteId
  })
  const measure = vi.fn(async () => undefined)
  const reserve = await keepReserve({
    directory: home.path,
    reserveMiB: reserveMiB === 'usual' ? undefined : reserveMiB,
    log,
    disk: async () => {
      disk.reads += 1
      return { free: disk.free * mebibyte, total: total * mebibyte }
    },
  })
  onTestFinished(reserve.close)
  reserve.relieveBy({ measure, pauseFastest })
  return {
    reserve,
    disk,
    measure,
    pauseFastest,
    events: () => logged.flatMap((fields) => (fields as { event?: string }).event ?? []),
    files: () => readdir(home.path),
    ballast: async () => (await stat(join(home.path, 'ballast'))).size / mebibyte,
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      done = promise
      return resolve
    },
    become: async (mebibytes: number) => {
      disk.free = mebibytes
      const { reads } = disk
      // A second check shows that the first has ended.
      while (disk.reads < reads + 2) {
        await vi.advanceTimersByTimeAsync(1000)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

describe('the reserve of free disk', () => {
  it('is used up below it and restored a tenth above it', async () => {
    const { reserve, become, events, measure } = await stage()
    expect(reserve.isShort()).toBe(false)
    await become(96)
    expect(reserve.isShort()).toBe(false)
    await become(95)
    expect(reserve.isShort()).toBe(true)
    expect(measure).toHaveBeenCalledOnce()
    await become(105)
    expect(reserve.isShort()).toBe(true)
    expect(reserve.room()).toBe((105 - 96) * 1_048_576)
    await become(106)
    expect(reserve.isShort()).toBe(false)
    expect(events()).toEqual(['disk-short', 'disk-no-longer-short'])
  })

  it.each([
    [20_480, 2047, 2049],
    [1_000_000, 2047, 2049],
    [5000, 499, 501],
  ])('of a disk of %i MiB is 2 GiB or a tenth', async (total, short, ample) => {
    const below = await stage({ total, free: short, reserveMiB: 'usual' })
    expect(below.reserve.isShort()).toBe(true)
    const above = await stage({ total, free: ample, reserveMiB: 'usual' })
    expect(above.reserve.isShort()).toBe(false)
  })

  it('is left alone by uploads, with the tenth more that ends a shortage, as the disk is now', async () => {
    const { reserve, disk } = await stage({ free: 206, reserveMiB: 96 })
    expect(await reserve.takes(100 * mebibyte)).toBe(true)
    expect(await reserve.takes(101 * mebibyte)).toBe(false)
    disk.free = 105
    expect(await reserve.takes(0)).toBe(false)
    expect(reserve.isShort()).toBe(false)
  })

  it('is absent when it is set to 0', async () => {
    const { reserve, become, pauseFastest, files } = await stage({ reserveMiB: 0 })
    await become(500)
    await become(0)
    expect(reserve.isShort()).toBe(false)
    expect(pauseFastest).not.toHaveBeenCalled()
    expect(await files()).toEqual([])
  })
})

describe('a disk that continues to fill', () => {
  it('has the fastest growers paused below half of the reserve, one after another, until it no longer fills', async () => {
    const { become, pauseFastest } = await stage({ free: 95 })
    await become(92)
    expect(pauseFastest).not.toHaveBeenCalled()
    await become(47)
    expect(pauseFastest).toHaveBeenCalledTimes(1)
    await become(46)
    await become(45)
    expect(pauseFastest).toHaveBeenCalledTimes(2)
    await become(45)
    await become(44.5)
    expect(pauseFastest).toHaveBeenCalledTimes(2)
  })

  it('has them paused earlier when it fills so fast that less than half of the reserve will be free in ten seconds', async () => {
    const { become, pauseFastest } = await stage({ free: 95 })
    await become(91)
    expect(pauseFastest).not.toHaveBeenCalled()
    await become(86)
    expect(pauseFastest).toHaveBeenCalledOnce()
  })

  it('has no second one paused while the first is stopped', async () => {
    const { become, hold, pauseFastest } = await stage({ free: 95 })
    const release = hold()
    await become(40)
    await become(30)
    expect(pauseFastest).toHaveBeenCalledOnce()
    release()
    await become(30)
    await become(20)
    expect(pauseFastest).toHaveBeenCalledTimes(2)
  })

  it('tries again after a failure', async () => {
    const { become, pauseFastest } = await stage({ free: 95 })
    pauseFastest.mockRejectedValueOnce(new Error('the store is away'))
    await become(40)
    await become(30)
    expect(pauseFastest).toHaveBeenCalledTimes(2)
  })
})

describe('the ballast', () => {
  it('is an eighth of the reserve, given back when the disk is full and taken again when it has room', async () => {
    const { become, ballast, files } = await stage()
    expect(await ballast()).toBe(12)
    await become(20)
    expect(await ballast()).toBe(12)
    await become(11)
    expect(await files()).toEqual([])
    await become(100)
    expect(await files()).toEqual([])
    await become(120)
    expect(await ballast()).toBe(12)
  })

  it('of an earlier host is kept if it has the right size', async () => {
    const home = await openHome()
    const file = join(home.path, 'ballast')
    const bytes = Buffer.alloc(12 * mebibyte, 'kept')
    await writeFile(file, bytes)
    await stage({ home })
    expect(bytes.equals(await readFile(file))).toBe(true)
    const larger = await stage({ home, reserveMiB: 104 })
    expect(await larger.ballast()).toBe(13)
  })

  it('of an earlier host is given back when the reserve is set to 0', async () => {
    const home = await openHome()
    await writeFile(join(home.path, 'ballast'), 'of before')
    const { files } = await stage({ home, reserveMiB: 0 })
    expect(await files()).toEqual([])
  })

  it('is written later if it cannot be written at the start', async () => {
    const home = await openHome()
    await mkdir(join(home.path, 'ballast'))
    const { become, ballast } = await stage({ home })
    await rm(join(home.path, 'ballast'), { recursive: true })
    await become(1000)
    expect(await ballast()).toBe(12)
  })
})
