import { constants } from 'node:os'
import type Docker from 'dockerode'
import { lastLines } from '../../core/evidence/evidence.ts'
import type { SiteId } from '../../core/ids.ts'
import type { ContainerEnd, ObservedContainer } from '../../core/ports/runtime.ts'
import { outputBounds } from '../../core/ports/runtime.ts'
import { linesOf } from '../site-runtime/output.ts'
import { refusalOf } from './engine-error.ts'
import type { FoundContainer } from './site-containers.ts'
import { label } from './site-network.ts'

/** The frames of an engine's log: a header of eight bytes, whose last four are the length of what follows. */
export const textOfFrames = (frames: Buffer): string => {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4)
    parts.push(frames.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(parts).toString('utf8')
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

/** A container that is there, and the process that leads it. */
export interface SeenContainer extends ObservedContainer {
  readonly pid: number
}

export type ContainerEnds = ReturnType<typeof createContainerEnds>

/** Remembers how containers ended: they are replaced, and their output and exit codes with them. */
export const createContainerEnds = (docker: Docker) => {
  const sites = new Map<SiteId, ReadonlyMap<string, ObservedContainer>>()

  const outputOf = async (id: string): Promise<readonly string[]> => {
    const options = { stdout: true, stderr: true, follow: false, tail: outputBounds.lines } as const
    return lastLines(linesOf(textOfFrames(await docker.getContainer(id).logs(options))))
  }

  const look = async ({ id, siteId }: FoundContainer): Promise<SeenContainer | undefined> => {
    try {
      const [{ State, Config }, lines] = await Promise.all([docker.getContainer(id).inspect(), outputOf(id)])
      const name = Config.Labels[label.container] ?? ''
      const before = sites.get(siteId)?.get(name)
      const hasEnded = !State.Running && State.Status !== 'created'
      const lastEnd = hasEnded ? endOf(State) : before?.lastEnd
      return {
        name,
        pid: State.Pid,
        isRunning: State.Running,
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

  const lookAtAll = async (found: readonly FoundContainer[]): Promise<readonly SeenContainer[]> =>
    (await Promise.all(found.map(look))).flatMap((seen) => seen ?? [])

  return {
    lookAtAll,
    /** Remembers these containers of a site, which are replaced because one of them ended. Never throws. */
    note: async (siteId: SiteId, found: readonly FoundContainer[]): Promise<void> => {
      const seen = await lookAtAll(found).catch(() => [])
      if (seen.length === 0) return
      sites.set(
        siteId,
        new Map(seen.map(({ pid: _, ...container }) => [container.name, { ...container, isRunning: false }])),
      )
    },
    of: (siteId: SiteId): readonly ObservedContainer[] => [...(sites.get(siteId)?.values() ?? [])],
    forget: (siteId: SiteId): boolean => sites.delete(siteId),
  }
}
