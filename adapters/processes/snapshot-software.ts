import { isAbsolute, join, normalize } from 'node:path'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { choosesCode } from '../../core/blueprint/variables.ts'
import { SitewrightError } from '../../core/errors.ts'
import { inOrder } from '../../core/in-order.ts'
import { type OwnSoftware, type Sources, siteOfOwnBlueprint } from '../../lambdas/deployments/deployment.ts'
import { fileOfSnapshot, keepSnapshots, removeSnapshots, shareSnapshots, snapshotFiles } from './snapshots.ts'

const refuse = (path: string, message: string): SitewrightError =>
  new SitewrightError('BlueprintInvalid', message, { fields: [{ path, message }] })

/** Every container runs from the snapshot, and nowhere else. */
const fromSnapshot = (blueprint: Blueprint, files: string): Blueprint => ({
  ...blueprint,
  containers: blueprint.containers.map((container, index) => {
    const path = `containers.${index}.process`
    if (container.process === undefined) throw refuse(path, 'is missing: here sites run as plain processes.')
    const open = [...(container.variables ?? []), ...container.secrets].find(choosesCode)
    if (open !== undefined) {
      const what = `'${open}' can make a plain process run other code: write its value in \`process.environment\`.`
      throw refuse(`containers.${index}`, what)
    }
    const within = normalize(container.process.directory)
    if (isAbsolute(within) || within.startsWith('..')) throw refuse(`${path}.directory`, 'must be below the file.')
    return { ...container, process: { ...container.process, directory: join(files, within) } }
  }),
})

/**
 * The software of accounts on a host that runs plain processes: only what a command on the machine itself has put into the home. A token alone
 * runs nothing on the machine, neither other files nor other commands.
 */
export const snapshotSoftware = (home: string): OwnSoftware => ({
  pushAccess: async () => {
    const message = 'Here sites run as plain processes, so there is no registry. Run `deploy` on the machine itself.'
    throw new SitewrightError('NoRegistry', message)
  },
  pin: async (blueprint, { siteId, snapshot }: Sources, file) => {
    const taken = snapshot === undefined ? undefined : await fileOfSnapshot(home, siteId, snapshot)
    if (snapshot === undefined || taken === undefined) {
      throw refuse(
        'snapshot',
        'Here sites run as plain processes. Run `deploy` on the machine itself: it takes a snapshot.',
      )
    }
    if (taken !== inOrder(file)) throw refuse('file', 'The snapshot was taken with another file. Deploy again.')
    const runner = siteOfOwnBlueprint(blueprint.name) ?? siteId
    if (runner !== siteId) await shareSnapshots(home, runner, siteId)
    return fromSnapshot(blueprint, snapshotFiles(runner, snapshot))
  },
  keepOnly: (siteId, kept) =>
    keepSnapshots(home, siteId, new Set(kept.flatMap(({ snapshot }) => (snapshot === undefined ? [] : [snapshot])))),
  remove: (siteId) => removeSnapshots(home, siteId),
})
