import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findHome, type Home, homeDirectory, openHome } from '../../../local/home/open-home.ts'
import { canTest } from '../../support/can-test.ts'

let parent: string
let directory: string
const open: Home[] = []
const children: ChildProcess[] = []

const openForTest = async (): Promise<Home> => {
  const home = await openHome(directory)
  open.push(home)
  return home
}

/** A process that holds the home until it is killed. */
const startHolder = async (port: number): Promise<ChildProcess> => {
  const module = JSON.stringify(new URL('../../../local/home/open-home.ts', import.meta.url).href)
  const script = `const { openHome } = await import(${module})
    const home = await openHome(process.argv[1])
    await home.announce({ port: ${port} })
    console.log('open')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

/** Root may write everywhere. */
const asNobody = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(65_534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'sitewright-home-'))
  directory = join(parent, 'home')
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const home of open.splice(0)) await home.release()
  await rm(parent, { recursive: true, force: true })
})

describe('a home', () => {
  it('is refused while the host of its copy runs: each would end what the other runs', async () => {
    const first = await openForTest()
    const copy = join(parent, 'copy')
    await mkdir(copy)
    await writeFile(join(copy, 'home.json'), await readFile(join(directory, 'home.json')))
    await expect(openHome(copy)).rejects.toThrow(`${copy} and the home of a host that runs on this machine are copies`)
    await first.release()
    open.push(await openHome(copy))
  })

  it('whose path is too long for databases is refused with that reason', async () => {
    const long = join(directory, ...Array.from({ length: 3 }, () => 'x'.repeat(150)))
    const bytes = Buffer.byteLength(long)
    await expect(openHome(long)).rejects.toThrow(`the path of the home has ${bytes} bytes, and databases take no more`)
  })

  it('is made with its directories, for its owner only', async () => {
    const home = await openForTest()
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    for (const path of Object.values(home.directories)) expect((await stat(path)).isDirectory()).toBe(true)
    expect(Object.values(home.directories)).toHaveLength(7)
  })

  it('keeps its id when it is opened again', async () => {
    const { id, release } = await openForTest()
    await release()
    expect(await openForTest()).toMatchObject({ id })
  })

  it('is refused to a second host, which is told who has it', async () => {
    const holder = await startHolder(4321)
    await expect(openHome(directory)).rejects.toThrow(
      `another host (pid ${holder.pid}, port 4321) already runs on ${directory}; stop it, or set SITEWRIGHT_HOME`,
    )
  })

  it('is refused to a second host in the same process', async () => {
    await openForTest()
    await expect(openHome(directory)).rejects.toThrow('already runs on')
  })

  it('is free again once its host was killed', async () => {
    const holder = await startHolder(4321)
    const { homeId } = JSON.parse(await readFile(join(directory, 'home.json'), 'utf8'))
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect((await openForTest()).id).toBe(homeId)
  })

  it('says no pid where the holder has not written one yet', async () => {
    await openForTest()
    await rm(join(directory, 'host.json'))
    await expect(openHome(directory)).rejects.toThrow(`another host already runs on ${directory}`)
  })

  it('of a newer format is refused, and can be opened by the newer version afterwards', async () => {
    await mkdir(directory)
    await writeFile(join(directory, 'home.json'), JSON.stringify({ formatVersion: 2, somethingNew: true }))
    await expect(openHome(directory)).rejects.toThrow('newer Sitewright (format 2; this one knows 1)')
    await expect(openHome(directory)).rejects.toThrow('newer Sitewright')
  })

  it('of an older format that nobody knows how to bring up to date is refused and left as it is', async () => {
    await mkdir(directory)
    const content = JSON.stringify({ formatVersion: 0, homeId: '0123456789abcdef' })
    await writeFile(join(directory, 'home.json'), content)
    await expect(openHome(directory)).rejects.toThrow('an older Sitewright (format 0; this one knows 1)')
    expect(await readFile(join(directory, 'home.json'), 'utf8')).toBe(content)
  })

  it.each(['', 'below'])('that is a file, or below one (%j), is refused in words', async (below) => {
    await writeFile(directory, '')
    await expect(openHome(join(directory, below))).rejects.toThrow(
      /must be a directory, but it or its parent is a file; move the file away, or set SITEWRIGHT_HOME/,
    )
  })

  it('that this user may not write is refused in words', async () => {
    await chmod(parent, 0o755)
    await mkdir(directory, { mode: 0o555 })
    const refused = expect(asNobody(() => openHome(directory))).rejects
    await refused.toThrow(
      `${directory} is not writable by this user; change its owner to this user, or set SITEWRIGHT_HOME`,
    )
  })

  it('is not found by a command where there is none, or where it may not be read', async () => {
    await chmod(parent, 0o755)
    const finding = () => findHome({ SITEWRIGHT_HOME: directory })
    await expect(finding()).rejects.toThrow(`${directory} is not the home of a host; set SITEWRIGHT_HOME`)
    await mkdir(directory, { mode: 0o700 })
    await expect(asNobody(finding)).rejects.toThrow(`${directory} cannot be read by this user`)
  })

  it.runIf(canTest(process.getuid?.() === 0, 'homes of other users are not tested: that needs root'))(
    'of another user is refused in one line, and opened by its own',
    async () => {
      await (await openForTest()).release()
      await chown(join(directory, 'home.json'), 1000, 1000)
      await expect(openHome(directory)).rejects.toThrow(
        `${directory} belongs to user 1000, and this runs as user 0: start it as user 1000, or give this one the whole home with: chown -R 0 ${directory}`,
      )
      // A command beside the host would write files that the host cannot read.
      await writeFile(join(directory, 'secrets.json'), '{}')
      await expect(findHome({ SITEWRIGHT_HOME: directory })).rejects.toThrow('belongs to user 1000')
      await chown(join(directory, 'home.json'), 0, 0)
      expect(await findHome({ SITEWRIGHT_HOME: directory })).toBe(directory)
      await openForTest()
    },
  )

  it.each([
    '',
    '{"formatVersion":1',
    '{"formatVersion":1,"homeId":"../x","createdAt":"2026-01-01T00:00:00.000Z"}',
    '[]',
  ])('whose home.json is damaged (%j) is refused and not overwritten', async (content) => {
    await mkdir(directory)
    await writeFile(join(directory, 'home.json'), content)
    await expect(openHome(directory)).rejects.toThrow('home.json is damaged')
    expect(await readFile(join(directory, 'home.json'), 'utf8')).toBe(content)
  })

  it('in use whose home.json is missing is refused instead of getting another id', async () => {
    await (await openForTest()).release()
    await rm(join(directory, 'home.json'))
    await expect(openHome(directory)).rejects.toThrow('home.json is missing')
  })

  it('is refused while a restore writes it, and left as it is', async () => {
    await mkdir(join(directory, 'restoring', 'database'), { recursive: true })
    await expect(openHome(directory)).rejects.toThrow('a restore to')
    expect(await readdir(directory)).toEqual(['restoring'])
    const homeId = randomBytes(8).toString('hex')
    await writeFile(
      join(directory, 'home.json'),
      JSON.stringify({ formatVersion: 1, homeId, createdAt: '2026-03-01T00:00:00.000Z' }),
    )
    expect((await openForTest()).id).toBe(homeId)
  })

  it('loses what an interrupted write left behind', async () => {
    await mkdir(directory)
    await writeFile(join(directory, 'secrets.json.0.unfinished'), '{')
    await openForTest()
    expect((await readdir(directory)).filter((name) => name.endsWith('.unfinished'))).toEqual([])
  })

  it('is where SITEWRIGHT_HOME says, otherwise in the working directory', () => {
    expect(homeDirectory({ SITEWRIGHT_HOME: '/srv/sitewright' })).toBe('/srv/sitewright')
    expect(homeDirectory({})).toBe(join(process.cwd(), '.sitewright'))
  })
})
