import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { siteContainers } from '../../../adapters/containers/site-containers.ts'
import { findLeftovers } from '../../../adapters/leftovers/find-leftovers.ts'
import { type Blueprint, stopSecondsOf } from '../../../core/blueprint/blueprint.ts'
import { type Finding, fewOf, findingsOf } from './findings.ts'

/** What a container of the site takes at one moment. Plain processes count together, as `all`. */
export interface Load {
  readonly container: string
  readonly memoryMiB: number
  readonly threads: number
}

/** What the machine shows of the site, beside its runtime. */
export interface MachineView {
  /** Empty where it cannot be measured. */
  readonly load: () => Promise<readonly Load[]>
  /** Files that it wrote outside its data directory, or why nobody can look. */
  readonly strayFiles: () => Promise<readonly string[] | 'forbidden' | 'ended'>
  /** Call it before a stop. @returns a function that tells whether something had to be killed. */
  readonly watchStop: () => Promise<() => Promise<boolean>>
}

const mebibyte = 1_048_576

/** The number after a name in a file of `/proc`. */
const fieldOf = async (file: string, name: string): Promise<number> => {
  const text = await readFile(file, 'utf8').catch(() => '')
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

/** Files below a directory that changed since then. Directories of packages and caches do not count. */
const changedSince = async (directory: string, since: number, depth = 5): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name)
      if (/cache|^node_modules$|^\.git$|^__pycache__$/i.test(entry.name)) return []
      if (entry.isDirectory()) return depth === 0 ? [] : changedSince(path, since, depth - 1)
      const { mtimeMs = 0 } = (await stat(path).catch(() => undefined)) ?? {}
      return entry.isFile() && mtimeMs >= since ? [path] : []
    }),
  )
  return found.flat()
}

/** O_WRONLY and O_RDWR. */
const writes = 0b11

/** The regular files that a process has open to write. */
const openedBy = async (pid: number): Promise<readonly string[]> => {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      const target = await readlink(`/proc/${pid}/fd/${name}`).catch(() => '')
      if (!/^\/(?!dev\/|proc\/|memfd:)/.test(target) || target.endsWith(' (deleted)')) return []
      const flags = /^flags:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/fdinfo/${name}`, 'utf8').catch(() => ''))
      return (Number.parseInt(flags?.[1] ?? '0', 8) & writes) === 0 ? [] : [target]
    }),
  )
  return found.flat()
}

/** The processes of a site. Everything below `directory` is the stage's own; `homeDirectory` is the `HOME` of its processes. */
export const viewProcesses = ({
  homeId,
  directory,
  blueprint,
  resolvePath,
  homeDirectory,
}: {
  readonly homeId: string
  readonly directory: string
  readonly blueprint: Blueprint
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  readonly homeDirectory: () => Promise<string | undefined>
}): MachineView => {
  const openedAt = Date.now()
  const pidsNow = async () => (await findLeftovers(homeId, 'site')).map(({ pid }) => pid)
  return {
    load: async () => {
      const pids = await pidsNow()
      if (pids.length === 0) return []
      const kibibytes = await Promise.all(pids.map((pid) => fieldOf(`/proc/${pid}/smaps_rollup`, 'Pss')))
      const threads = await Promise.all(pids.map((pid) => fieldOf(`/proc/${pid}/status`, 'Threads')))
      const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
      return [{ container: 'all', memoryMiB: Math.ceil(sum(kibibytes) / 1024), threads: sum(threads) }]
    },
    strayFiles: async () => {
      const directories = blueprint.containers.flatMap(({ process }) =>
        process === undefined ? [] : [resolvePath(blueprint, process.directory)],
      )
      const home = await homeDirectory()
      const places = home === undefined ? directories : [home, ...directories]
      const found = await Promise.all([
        ...[...new Set(places)].map((one) => changedSince(one, openedAt)),
        ...(await pidsNow()).map(openedBy),
      ])
      return [...new Set(found.flat())].filter(
        (path) => !path.startsWith(`${directory}/`) || path.startsWith(`${home}/`),
      )
    },
    watchStop: async () => {
      const askedAt = performance.now()
      return async () => performance.now() - askedAt >= stopSecondsOf(blueprint) * 1000
    },
  }
}

/** Podman looks for the end from time to time. Where the removal was faster it answers 0, and this error. */
const endSchema = z.object({ StatusCode: z.int(), Error: z.null().optional() })
const statsSchema = z.object({
  memory_stats: z.object({ usage: z.number().optional(), stats: z.record(z.string(), z.unknown()).nullish() }),
  pids_stats: z.object({ current: z.number().optional() }).nullish(),
})

const killed = 137

/** Its first process. One that has just ended may be started again within half a minute. */
const runningPid = async (container: ReturnType<Engine['calls']['getContainer']>): Promise<number | undefined> => {
  for (let tries = 0; tries < 60; tries += 1) {
    const { State } = await container.inspect()
    if (State.Pid !== 0) return State.Pid
    await pause(500)
  }
  return undefined
}

/** @param isHere whether the containers are processes of this machine. */
export const viewContainers = (
  engine: Engine,
  { homeId, blueprint, isHere }: { readonly homeId: string; readonly blueprint: Blueprint; readonly isHere: boolean },
): MachineView => {
  const { calls } = engine
  const containers = siteContainers(engine, homeId)
  return {
    load: async () => {
      const found = await containers.find().catch(() => [])
      const loads = await Promise.all(
        found.map(async ({ id, container }) => {
          const asking = calls.getContainer(id).stats({ stream: false, 'one-shot': true })
          const { data } = statsSchema.safeParse(await asking.catch(() => undefined))
          if (data?.memory_stats.usage === undefined) return []
          const { usage, stats } = data.memory_stats
          // The kernel can drop pages of files, so they do not count.
          const files = Number(stats?.['inactive_file'] ?? stats?.['total_inactive_file'] ?? 0)
          const memoryMiB = Math.ceil((usage - files) / mebibyte)
          return [{ container, memoryMiB, threads: data.pids_stats?.current ?? 0 }]
        }),
      )
      return loads.flat()
    },
    strayFiles: async () => {
      if (!isHere || process.getuid?.() !== 0) return 'forbidden'
      const found = await Promise.all(
        (await containers.find()).map(async ({ id, container }) => {
          const pid = await runningPid(calls.getContainer(id))
          if (pid === undefined) return undefined
          const { writable = [] } = blueprint.containers.find(({ name }) => name === container) ?? {}
          // As the container sees them.
          const root = `/proc/${pid}/root`
          const paths = await Promise.all(['/tmp', ...writable].map((path) => changedSince(join(root, path), 0)))
          return paths.flat().map((path) => path.slice(root.length))
        }),
      )
      return found.includes(undefined) ? 'ended' : [...new Set(found.flat().filter((path) => path !== undefined))]
    },
    watchStop: async () => {
      const askedAt = performance.now()
      const ends = (await containers.find()).map(async ({ id }) => {
        const waiting = calls.getContainer(id).wait()
        return endSchema.safeParse(await waiting.catch(() => undefined)).data?.StatusCode
      })
      return async () => {
        const tookGrace = performance.now() - askedAt >= stopSecondsOf(blueprint) * 1000
        // Where nobody knows how it ended, the time tells.
        return (await Promise.all(ends)).some((code) => (code === undefined ? tookGrace : code === killed))
      }
    },
  }
}

const inData = `\${DATA_DIRECTORY}`

/** Below the `HOME` of a plain process: caches and settings. */
const isOfHome = (path: string): boolean => /\/files\/site_\w+\/home\//.test(path)

const isDatabase = (path: string): boolean => /\.(?:db|sqlite\d?|mdb|ldb|rdb)$/i.test(path)

/** Files outside the data directory are in no archive, and in containers gone with the next start. */
export const checkStrayFiles = (paths: Awaited<ReturnType<MachineView['strayFiles']>>, isProcess: boolean): Finding => {
  const { ok, note, wrong, untried } = findingsOf('other files')
  if (paths === 'ended') return untried('A container had ended.', 'Try again once it keeps running.')
  if (paths === 'forbidden') return untried('Only root on the machine of the engine can look.', 'Try again as root.')
  if (paths.length === 0) return ok('It wrote none outside its data directory.')
  const misplaced = paths.filter((path) => (isProcess && !isOfHome(path)) || isDatabase(path))
  const change = `Store what must stay below ${inData}, for example by \`environment: {HOME: ${inData}}\`.`
  const result = (some: readonly string[]): string => `Outside its data directory: ${fewOf(some)}.`
  return misplaced.length > 0 ? wrong(result(misplaced), change) : note(result(paths), change)
}
