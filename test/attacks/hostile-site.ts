import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../bin/command-line/read-options.ts'
import { endWithCommand } from '../../bin/command-line/run-to-end.ts'
import { homeNamed } from '../../core/site/location.ts'
import { snapshotHome } from '../../local/backup/snapshot-home.ts'
import { demoApi, demoSite } from '../acceptance/api.ts'
import { type Attack, keepDoing, type Scene } from './attack.ts'

const program = fileURLToPath(new URL('swap-entries.ts', import.meta.url))

export const canaryBytes = 16 * 1024 * 1024

/** A directory of this process's user with files that a site wants to read or change. */
export const openCanary = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-canary-'))
  const files = Array.from({ length: 8 }, (_, number) => join(directory, `f${number}`))
  const content = randomBytes(40).toString('hex')
  for (const file of files) await writeFile(file, content, { mode: 0o600 })
  // Shows in the size of whatever has it.
  await writeFile(join(directory, 'large'), Buffer.alloc(canaryBytes))
  const check = async (): Promise<string> => {
    const seen = [directory, ...files].map(async (path) => {
      const { mode, uid, gid, nlink } = await lstat(path)
      return [mode, uid, gid, nlink, path === directory ? await readdir(path) : await readFile(path, 'utf8')]
    })
    return JSON.stringify(await Promise.all(seen))
  }
  const before = await check()
  return {
    file: join(directory, 'f0'),
    content,
    isAsBefore: (): Promise<boolean> =>
      check().then(
        (after) => after === before,
        () => false,
      ),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Swaps entries in a data directory, some of which lead to a file elsewhere, as the user that owns the directory. */
export const swapEntries = async (directory: string, file: string) => {
  const { uid, gid } = await lstat(directory)
  const user = process.getuid?.() === 0 ? [String(uid), String(gid)] : []
  const child = fork(program, [file, ...user], { cwd: directory })
  const exited = once(child, 'exit')
  const forget = endWithCommand(() => child.kill('SIGKILL'))
  void exited.finally(forget)
  return {
    /** Makes all entries again. @returns how often two directories have been swapped. */
    fill: async (): Promise<number> => {
      const answered = once(child, 'message')
      child.send('fill')
      const [swaps] = await Promise.race([
        answered,
        exited.then(() => Promise.reject(new Error('the program that swaps entries has ended'))),
      ])
      return Number(swaps)
    },
    rest: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

const dataOf = async ({ origin, owner, siteUrl, home }: Scene): Promise<string> => {
  const sites = await demoApi(origin, owner.token).listSites()
  const site = sites.find(({ url }) => url?.replace(/\/$/, '') === siteUrl)
  const name = (await readdir(join(home, 'data'))).find((each) => homeNamed(each, 'local')?.siteId === site?.id)
  if (name === undefined) throw new Error(`${home} has no data of ${siteUrl}`)
  return join(home, 'data', name)
}

/** Whether some file in a directory has the content. Others may be in it, of any size. */
const holds = async (directory: string, content: string): Promise<boolean> => {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && (await readFile(path)).includes(content)) return true
  }
  return false
}

/** Its entries change all the time, and some lead to a file of the host's user, while backups copy the home. */
export const hostileSite = (): Attack => ({
  name: 'hostile site in a backup',
  milliseconds: 5000,
  begin: async (scene) => {
    await using opening = new AsyncDisposableStack()
    const canary = opening.use(await openCanary())
    const data = await dataOf(scene)
    opening.defer(() => rm(join(data, 'swapped'), { recursive: true, force: true }))
    const site = opening.use(await swapEntries(data, canary.file))
    const gains = new Set<string>()
    const ending = new AbortController()
    let backups = 0
    let swaps = 0
    const backUp = async (): Promise<void> => {
      try {
        swaps = await site.fill()
        await using snapshot = await snapshotHome(scene.home, () => async () => async () => {}, ending.signal)
        if (await holds(join(snapshot.directory, 'data'), canary.content)) gains.add('a backup has a file of the host')
        backups += 1
      } catch (error) {
        if (!ending.signal.aborted) gains.add(`a backup failed: ${messageOf(error)}`)
      }
      if (!(await canary.isAsBefore())) gains.add('a file of the host has changed')
    }
    await backUp()
    const attack = keepDoing(backUp, { everyMilliseconds: 20 })
    const opened = opening.move()
    return {
      summary: () => `${backups} backups, ${swaps} swaps`,
      gains: () => [...gains, ...(swaps === 0 ? ['nothing was swapped during the backups'] : [])],
      end: async () => {
        ending.abort()
        await attack.end()
        await opened.disposeAsync()
      },
    }
  },
  visit: async ({ siteUrl }, { call }) => {
    await demoSite(siteUrl, call).open()
  },
})
