import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { brokenInvariants } from '../support/faults/invariants.ts'
import { archivedSite } from '../support/faults/owned-site.ts'
import { resumeSite } from '../support/faults/visitor.ts'
import { createWorld, type World } from '../support/faults/world.ts'

/** A world with one site, archived or restored from its archive. */
const inWorld = async (status: 'archived' | 'active', check: (world: World, id: string) => Promise<void>) => {
  const world = await createWorld(
    { name: 'a check', health: 'well', poolTarget: 1, expected: { [status]: 1 }, prepare: async () => async () => {} },
    undefined,
  )
  try {
    await world.quiet()
    const owned = await archivedSite(world)
    if (status === 'active') await resumeSite(world, owned)
    await world.quiet()
    expect(await brokenInvariants(world)).toEqual([])
    await check(world, owned.id)
  } finally {
    await world.end()
  }
}

const expectBroken = async (world: World, ...complaints: readonly string[]): Promise<void> => {
  const broken = (await brokenInvariants(world)).join('\n')
  for (const complaint of complaints) expect(broken).toContain(complaint)
}

const flip = async (path: string): Promise<void> => {
  const content = await readFile(path)
  content.writeUInt8(content.readUInt8(40) ^ 1, 40)
  await writeFile(path, content)
}

it('an archive that is damaged, missing or without an owner is noticed, and so is a directory of an archived site', () =>
  inWorld('archived', async (world, id) => {
    const names = await readdir(world.archiveDirectory)
    const content = join(world.archiveDirectory, names.find((name) => name.includes('.tar.zst')) ?? '')
    await flip(content)
    await expectBroken(world, 'no archive: ')
    await flip(content)
    await rename(content, `${content}.away`)
    await expectBroken(world, 'archives: 1 missing')
    await rename(`${content}.away`, content.replace('arc_', 'arc_0'))
    await expectBroken(world, 'archives: 1 too many')
    await mkdir(join(world.dataDirectory, id))
    await expectBroken(world, `data directories: 1 too many of ${id}`)
  }))

it('data that is missing, changed or in the wrong directory is noticed', () =>
  inWorld('active', async (world, id) => {
    const present = join(world.dataDirectory, `${id}.2`)
    await writeFile(join(present, 'kept'), 'something else')
    await expectBroken(world, `data of ${id}`, `${id} serves: something else`)
    await rm(join(present, 'uploads', 'empty'), { recursive: true })
    await expectBroken(world, `data of ${id}: 1 missing of uploads/empty/`)
    await rename(present, join(world.dataDirectory, id))
    await expectBroken(world, `data directories: 1 missing of ${id}.2`, `data directories: 1 too many of ${id}`)
  }))
