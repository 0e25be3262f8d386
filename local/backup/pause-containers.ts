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

/** The kernel may fail to freeze what begins processes at that moment. */
const pauseTries = 3
const betweenTries = 200

/** Pauses the containers of sites by the kernel's freezer: their requests wait. */
export const containerPauses = (engine: Engine, homeId: string) => {
  const docker = engine.calls

  const list = (state: 'running' | 'paused', ...labels: readonly string[]) =>
    docker.listContainers({ filters: { status: [state], label: [`${label.home}=${homeId}`, ...labels] } })

  const resume = async (id: string): Promise<void> => {
    try {
      await docker.getContainer(id).unpause()
    } catch (error) {
      if (!isNothingToDo(error)) throw error
    }
  }

  const pause = async (id: string, tries = pauseTries): Promise<void> => {
    try {
      await docker.getContainer(id).pause()
    } catch (error) {
      if (isNothingToDo(error)) return
      if (tries === 1) throw error
      await timer(betweenTries)
      await pause(id, tries - 1)
    }
  }

  const pauseOf =
    (siteId: SiteId): PauseSite =>
    async () => {
      const paused: string[] = []
      const resumeAll = async (): Promise<void> => {
        for (const id of paused.splice(0)) await resume(id)
      }
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
    for (const { Id } of await list('paused')) await resume(Id)
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
