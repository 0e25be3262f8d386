import { constants } from 'node:os'
import type Docker from 'dockerode'
import type { SiteId } from '../../core/ids.ts'
import { type ContainerEnd, type ContainerLog, type ObservedContainer, outputBounds } from '../../core/ports/runtime.ts'
import { lastLines, withoutRepetition } from '../../lambdas/sites/evidence/evidence.ts'
import { linesOf } from '../site-runtime/output.ts'
import { refusalOf } from './engine-error.ts'
import type { FoundContainer } from './site-containers.ts'
import { isHidden, isRunningState, label } from './site-network.ts'

/** The frames of an engine's log: a header of eight bytes, whose last four are the length of what follows. */
const textOfFrames = (frames: Buffer): string => {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4)
    parts.push(frames.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Engines write up to nine digits after the second, and Podman its machine's offset from UTC. */
const nanoseconds = (at: string): bigint => {
  const [, second = '', fraction = '', zone = 'Z'] = /^(.+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/.exec(at) ?? []
  const whole = Date.parse(`${second}${zone}`)
  return BigInt(Number.isNaN(whole) ? 0 : whole) * 1_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9) || '0')
}

const inSeconds = (at: string): string => {
  const all = nanoseconds(at)
  return `${all / 1_000_000_000n}.${String(all % 1_000_000_000n).padStart(9, '0')}`
}

const signals = new Map(Object.entries(constants.signals).map(([name, number]) => [128 + number, name]))

const endOf = ({ ExitCode, OOMKilled }: { ExitCode: number; OOMKilled: boolean }): ContainerEnd => {
  const signal = signals.get(ExitCode)
  return {
    exitCode: ExitCode,
    ...(signal === undefined ? {} : { signal }),
    ...(OOMKilled ? { isOutOfMemory: true } : {}),
  }
}

/** One that is just being stopped has no exit code yet. */
const hasNotEnded = (state: string): boolean => isRunningState(state) || state === 'stopping'

/** A container that is there, and the process that leads it. */
export interface SeenContainer extends ObservedContainer {
  readonly pid: number
  /** The value of its `PORT`. */
  readonly port: number
  /** In milliseconds since the epoch; not a number before its start. */
  readonly startedAt: number
}

/** Without what only this host needs. */
export const observed = (seen: readonly SeenContainer[]): readonly ObservedContainer[] =>
  seen.map(({ pid: _, port: __, startedAt: ___, ...container }) => container)

/** More than is kept, because a server may log each health check. */
const linesRead = 5 * outputBounds.lines

export type ContainerEnds = ReturnType<typeof createContainerEnds>

/** Remembers how containers ended: they are replaced, and their output and exit codes with them. */
export const createContainerEnds = (docker: Docker) => {
  const sites = new Map<SiteId, ReadonlyMap<string, ObservedContainer>>()

  const outputOf = async ({ id, digest }: FoundContainer): Promise<readonly string[]> => {
    // Engines refuse to read what they do not record.
    if (isHidden(digest)) return []
    const options = { stdout: true, stderr: true, follow: false, tail: linesRead } as const
    return lastLines(withoutRepetition(linesOf(textOfFrames(await docker.getContainer(id).logs(options)))))
  }

  const check = async (found: FoundContainer): Promise<SeenContainer | undefined> => {
    const { id, siteId } = found
    try {
      const { State, Config } = await docker.getContainer(id).inspect()
      // Afterwards: what a container printed before its end is there once the end is seen.
      const lines = await outputOf(found)
      const name = Config.Labels[label.container] ?? ''
      const before = sites.get(siteId)?.get(name)
      const isRunning = hasNotEnded(State.Status)
      const hasEnded = !isRunning && State.Status !== 'created'
      const lastEnd = hasEnded ? endOf(State) : before?.lastEnd
      return {
        name,
        pid: State.Pid,
        port: Number(Config.Labels[label.port]),
        startedAt: Date.parse(State.StartedAt),
        isRunning,
        ends: (before?.ends ?? 0) + (hasEnded ? 1 : 0),
        ...(lastEnd === undefined ? {} : { lastEnd }),
        lines: lastLines([...(before?.lines ?? []), ...lines]),
      }
    } catch (error) {
      // Podman answers so too about a container that is just being removed.
      if ([404, 500].includes(refusalOf(error).status)) return undefined
      throw error
    }
  }

  const inspectAll = async (found: readonly FoundContainer[]): Promise<readonly SeenContainer[]> =>
    (await Promise.all(found.map(check))).flatMap((seen) => seen ?? [])

  /** A position is a moment and how many lines of that moment were given: Podman's moments are whole seconds. */
  const readLog = async ({ id, container, digest }: FoundContainer, after = ''): Promise<ContainerLog> => {
    const [moment = '', given = '0'] = after.split(' ')
    const options = { stdout: true, stderr: true, follow: false, timestamps: true } as const
    const part = moment === '' ? { tail: outputBounds.lines } : { since: inSeconds(moment) }
    const frames = isHidden(digest) ? Buffer.alloc(0) : await docker.getContainer(id).logs({ ...options, ...part })
    const stamped = linesOf(textOfFrames(frames)).map((line) => {
      const space = line.indexOf(' ')
      return { at: line.slice(0, space), text: line.slice(space + 1) }
    })
    const from = stamped.filter(({ at }) => moment === '' || nanoseconds(at) >= nanoseconds(moment))
    const seen = Math.min(Number(given), from.filter(({ at }) => at === moment).length)
    const shown = from.slice(seen, seen + outputBounds.lines)
    const last = shown.at(-1)?.at
    const count = shown.filter(({ at }) => at === last).length + (last === moment ? seen : 0)
    const start = after === '' ? `${new Date(0).toISOString()} 0` : after
    return {
      container,
      lines: lastLines(shown.map(({ text }) => text)),
      position: last === undefined ? start : `${last} ${count}`,
    }
  }

  return {
    inspectAll,
    readLog,
    /** Remembers these containers of a site, which are replaced because one of them ended. Never throws. */
    note: async (siteId: SiteId, found: readonly FoundContainer[]): Promise<void> => {
      const seen = await inspectAll(found).catch(() => [])
      if (seen.length === 0) return
      sites.set(siteId, new Map(observed(seen).map((one) => [one.name, { ...one, isRunning: false }])))
    },
    of: (siteId: SiteId): readonly ObservedContainer[] => [...(sites.get(siteId)?.values() ?? [])],
    forget: (siteId: SiteId): boolean => sites.delete(siteId),
  }
}
