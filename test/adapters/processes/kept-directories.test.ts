import { mkdir, readdir, readFile, readlink, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { keepDirectories } from '../../../adapters/processes/kept-directories.ts'
import type { BlueprintStatus } from '../../../lambdas/blueprints/blueprint-status.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { probeLaunch } from '../../support/probe-launch.ts'
import { directoryForTest } from '../../support/temporary-directories.ts'

describe('the files of a version', () => {
  let base: string
  let directory: string
  let home: string
  beforeEach(async () => {
    base = await directoryForTest()
    home = join(base, 'home')
    directory = join(base, 'product', 'shop')
    await mkdir(join(directory, 'views'), { recursive: true })
    await edit('one')
  })

  const edit = (text: string) => writeFile(join(directory, 'views', 'page'), text)
  const blueprintOf = (version: number) => probeLaunch({ version }).blueprint

  /** A host that starts sites of versions. */
  const openHost = (publishedBefore = 0) => {
    const log = recordingLog()
    let published = publishedBefore
    let submitted = published
    const draft = () => ({
      blueprint: blueprintOf(submitted),
      revision: 1,
      submittedAt: '2026-03-01T12:00:00.000Z',
      state: 'trying' as const,
      failures: 0,
    })
    const status = (): BlueprintStatus => ({ schemaVersion: 1, name: 'probe', version: 1, draft: draft() })
    const directoryOf = keepDirectories({
      home,
      blueprints: {
        latest: async () => (published === 0 ? undefined : blueprintOf(published)),
        status: async () => (submitted === 0 ? undefined : status()),
      },
      log,
    })
    const start = (version: number) => directoryOf({ blueprint: blueprintOf(version), container: 'web', directory })
    const read = async (version: number) =>
      readFile(join(await start(version), 'views', 'page'), 'utf8').catch(() => undefined)
    const submit = (version: number) => {
      submitted = version
    }
    const publish = async (version: number) => {
      submit(version)
      await start(version)
      published = version
    }
    const said = () => log.lines.map(({ fields }) => `${fields['event']} ${fields['version']}`)
    return { start, read, submit, publish, said }
  }

  it('stay those of its publication from the next submission on, also if that fails, and on the way back', async () => {
    const host = openHost()
    await host.publish(1)
    expect(await host.start(1)).toBe(directory)
    await edit('two')
    // Who develops sees what they edit.
    expect(await host.read(1)).toBe('two')
    host.submit(2)
    expect([await host.read(1), await host.read(2)]).toEqual(['one', 'two'])
    await edit('two, corrected')
    await host.publish(2)
    await edit('three')
    await host.publish(3)
    expect(await Promise.all([1, 2, 3].map(host.read))).toEqual(['one', 'two, corrected', 'three'])
    expect(host.said()).toEqual([])
  })

  it('run where they are while nothing else is there, and from the copy once the directory is gone', async () => {
    const host = openHost()
    await host.publish(1)
    await host.publish(2)
    expect(await host.start(1)).toBe(directory)
    await rm(directory, { recursive: true })
    expect([await host.read(1), await host.read(2)]).toEqual(['one', undefined])
    expect(await openHost(2).read(2)).toBe('one')
  })

  it('that changed without a new version are reported once for each run of the host', async () => {
    await openHost().publish(1)
    await edit('two')
    const host = openHost(1)
    expect([await host.read(1), await host.read(1)]).toEqual(['two', 'two'])
    expect(host.said()).toEqual(['blueprint-files-changed 1'])
    host.submit(2)
    expect([await host.read(1), await host.read(2)]).toEqual(['one', 'two'])
    expect(host.said()).toHaveLength(1)
  })

  it('include links, programs and the packages above, and neither histories, caches nor the home', async () => {
    await mkdir(join(base, 'product', 'node_modules'))
    for (const name of ['.git', '.compile-cache', '__pycache__']) await mkdir(join(directory, name))
    await symlink('views/page', join(directory, 'inside'))
    await symlink('../node_modules', join(directory, 'outside'))
    await writeFile(join(directory, 'run'), '', { mode: 0o755 })
    home = join(directory, '.sitewright')
    const host = openHost()
    await host.publish(1)
    for (const name of ['.compile-cache', '__pycache__']) await writeFile(join(directory, name, 'page'), '')
    await writeFile(join(home, 'home.json'), '')
    host.submit(2)
    expect(await host.start(1)).toBe(directory)
    await edit('two')
    const copy = await host.start(1)
    expect((await readdir(copy)).toSorted()).toEqual(['inside', 'outside', 'run', 'views'])
    expect(await readlink(join(copy, 'inside'))).toBe('views/page')
    expect(await readlink(join(copy, 'outside'))).toBe(join(base, 'product', 'node_modules'))
    expect(await readlink(join(copy, '..', 'node_modules'))).toBe(join(base, 'product', 'node_modules'))
  })

  it('are not kept where they are too large, or were published before copies were kept: the log says so', async () => {
    await writeFile(join(directory, 'video'), '')
    await truncate(join(directory, 'video'), 2 ** 28)
    const host = openHost()
    await host.publish(2)
    expect(await host.start(1)).toBe(directory)
    expect(await host.start(1)).toBe(directory)
    expect(host.said()).toEqual(['blueprint-files-not-kept 2', 'blueprint-files-not-kept 1'])
  })

  it('are kept of every version, since sites may have it', async () => {
    const host = openHost()
    for (let version = 1; version <= 12; version += 1) await host.publish(version)
    expect(await readdir(join(home, 'versions', 'probe'))).toHaveLength(12)
  })
})
