import { mkdir, rename, rm, symlink } from 'node:fs/promises'
import { actAt, archivingAt, keptSite, suspendedSite } from '../support/faults/owned-site.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import type { World } from '../support/faults/world.ts'

const archiving = [
  'act-on-deadlines workflows.start',
  'stop-site runtime.remove',
  'use-copy sites.get',
  'use-copy siteCheck.isRunning',
  'use-copy archiver.run',
]

sweepTest(
  {
    name: 'archiving a site',
    archiver: 'workers',
    health: 'well',
    poolTarget: 1,
    expected: { archived: 1 },
    prepare: async (world) => {
      const owned = await suspendedSite(world)
      const due = await archivingAt(world, owned)
      return () => actAt(world, due)
    },
  },
  [
    ...archiving,
    'use-copy archiver.run',
    'archive-due-site archiver.run',
    'archive-due-site brakes.read',
    'archive-due-site accounts.get',
    'archive-due-site sites.commit',
    'remove-remains archiver.run',
    'remove-remains storage.remove',
    'record-step sites.commit',
    'count-sites totals.count',
    'mail-owner mailer.send',
  ],
)

/** A place that nobody can write to, not even root. */
const nobodysPlace = '/proc/sys'

const breakArchives = async ({ archiveDirectory }: World): Promise<void> => {
  await mkdir(archiveDirectory, { recursive: true })
  await rename(archiveDirectory, `${archiveDirectory}.away`)
  await symlink(nobodysPlace, archiveDirectory)
}

const mendArchives = async ({ archiveDirectory }: World): Promise<void> => {
  await rm(archiveDirectory)
  await rename(`${archiveDirectory}.away`, archiveDirectory)
}

sweepTest(
  {
    name: 'archiving where nothing can be written, and given up until it can',
    health: 'well',
    poolTarget: 1,
    expected: { archived: 1 },
    prepare: async (world) => {
      const owned = await suspendedSite(world)
      const due = await archivingAt(world, owned)
      await breakArchives(world)
      return async () => {
        await actAt(world, due)
        await world.tick('heal-work')
        await world.quiet()
        const { status } = await keptSite(world, owned.id)
        if (status !== 'suspended') throw new Error(`it is ${status}, and no copy was taken`)
        await mendArchives(world)
      }
    },
  },
  [...archiving, 'remove-remains sites.get', 'remove-remains archives.remove', 'remove-remains sites.commit'],
)
