import { lchown, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from '../../core/blueprint/interpolate.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerFiles } from '../site-runtime/container-texts.ts'
import type { SiteUser } from './site-storage.ts'

/** The files that blueprints give to containers, below `root`: by site, port and container. Some hold secrets. */
export const createSiteFiles = (root: string) => {
  const directoryOf = (siteId: SiteId, port: number, container: string): string =>
    join(root, siteId, String(port), container)

  return {
    directoryOf,
    /** Where a plain process keeps what is its user's own. */
    homeOf: (siteId: SiteId): string => join(root, siteId, 'home'),
    /** Writes the files of all containers, which only `owner` can read, or this process's user. */
    write: async (launch: Launch, placeOf: (container: string) => Place, port: number, owner?: SiteUser) => {
      for (const container of launch.blueprint.containers) {
        if (container.files === undefined) continue
        const directory = directoryOf(launch.siteId, port, container.name)
        await rm(directory, { recursive: true, force: true })
        await mkdir(directory, { recursive: true, mode: 0o700 })
        for (const [name, text] of Object.entries(containerFiles(container, launch, placeOf(container.name)))) {
          const file = join(directory, name)
          await writeFile(file, text, { mode: 0o400 })
          if (owner !== undefined) await lchown(file, owner.uid, owner.gid)
        }
        if (owner !== undefined) await lchown(directory, owner.uid, owner.gid)
      }
    },
    remove: (siteId: SiteId): Promise<void> => rm(join(root, siteId), { recursive: true, force: true }),
  }
}

export type SiteFiles = ReturnType<typeof createSiteFiles>
