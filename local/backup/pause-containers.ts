import { join } from 'node:path'
import { setTimeout as timer } from 'node:timers/promises'
import type { Engine } from '../../adapters/containers/engine.ts'
import { refusalOf } from '../../adapters/containers/engine-error.ts'
import { label } from '../../adapters/containers/site-network.ts'
import type { SiteId } from '../../core/ids.ts'
import { takeLock } from '../home/open-home.ts'
import type { PauseSite } from './copy-site-data.ts'

/** A backup of the home holds it. @returns a function that releases it; undefined while another process holds it. */
export const takeBackupLock = (home: string) => takeLock(join(home, 'lock.sqlite.backup'))

/** The container has ended meanwhile, or is as asked. */
const isNothingToDo = (error: unknown): boolean => {
  const { status, reason } = refusalOf(error)
  return [304, 404, 409].includes(status) || /not (?:running|paused)|is not in|improper/i.test(reason)
}

/** The kernel may fail to freeze what begins processes at that moment, and an engine that has much to do may fail to answer. */
const maxTries = 3
const betweenTries = 200

/** Pauses the containers of sites by the kernel's freezer: their requests wait. */
export const containerPauses = (engine: Engine, homeId: string) => {
  const docker = engine.calls

  const list = (state: 'running' | 'paused', ...labels: readonly string[]) =>
    docker.listContainers({ filters: { status: [state], label: [`${label.home}=${homeId}`, ...labels] } })

  const attempt = async (act: () => Promise<unknown>, tries = maxTries): Promise<void> => {
    try {
      await act()
    } catch (error) {
      if (isNothingToDo(error)) return
      if (tries === 1) throw error
      await timer(betweenTries)
      await attempt(act, tries - 1)
    }
  }

  const pause = (id: string): Promise<void> => attempt(() => docker.getContainer(id).pause())

  /** One that fails keeps no other paused. */
  const resume = async (ids: readonly string[]): Promise<void> => {
    const ends = await Promise.allSettled(ids.map((id) => attempt(() => docker.getContainer(id).unpause())))
    const failed = ends.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  const pauseOf =
    (siteId: SiteId): PauseSite =>
    async () => {
      const paused: string[] = []
      const resumeAll = (): Promise<void> => resume(paused.splice(0))
      try {
        for (const { Id } of await list('running', `${label.site}=${siteId}`)) {
          paused.push(Id)
          await pause(Id)
        }
      } catch (error) {
        await resumeAll()
        throw error
      }
      return resumeAll
    }

  const resumeAll = async (): Promise<void> => {
    await resume((await list('paused')).map(({ Id }) => Id))
  }

  return {
    pauseOf,
    /** Lets every site of the home continue that a killed backup left paused. */
    resumeAll,
    /** The same, unless a backup runs. Takes the lock only if there is something to do, so that no backup finds it taken. */
    resumeLeft: async (home: string): Promise<void> => {
      if ((await list('paused')).length === 0) return
      const release = takeBackupLock(home)
      if (release === undefined) return
      try {
        await resumeAll()
      } finally {
        release()
      }
    },
  }
}
