import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SiteId } from '../../core/ids.ts'
import { homeOf } from '../../core/site/location.ts'
import { createEnvironment, deployedSite, environmentIn, type OwnSoftware } from '../support/faults/environments.ts'
import { keptSite } from '../support/faults/owned-site.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { copySite } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

const canary = 'CANARY-7f3a'
const withSecret = "const own = require('node:crypto').hash('sha256', process.env.TINY_SECRET)"

/** Keeps the numbers of customers alone, and says which secret it has. */
const dumps = `
  const { RESULT_DIRECTORY, DATA_DIRECTORY } = process.env
  const { DatabaseSync } = require('node:sqlite')
  ${withSecret}
  const database = new DatabaseSync(DATA_DIRECTORY + '/shop.db', { readOnly: true })
  const customers = database.prepare('SELECT id FROM customers').all()
  fs.writeFileSync(RESULT_DIRECTORY + '/dump.json', JSON.stringify({ customers, source: own }))`
const loads = `
  const { RESULT_DIRECTORY, DATA_DIRECTORY } = process.env
  ${withSecret}
  if (fs.existsSync(DATA_DIRECTORY + '/loaded.json')) process.exit(0)
  const dump = JSON.parse(fs.readFileSync(RESULT_DIRECTORY + '/dump.json'))
  fs.writeFileSync(DATA_DIRECTORY + '/loaded.json', JSON.stringify({ ...dump, own }))
  fs.rmSync(RESULT_DIRECTORY + '/dump.json')`
const run = (script: string) => ['node', '-e', script]

/** Plants canaries in the production and deletes some, whose bytes stay in free pages, and has it copied. */
const planted = async (world: World, command: string): Promise<OwnSoftware> => {
  const owned = await deployedSite(world, { anonymise: { command: run(command), load: run(loads) }, environments: {} })
  const { storage } = await world.host()
  const database = new DatabaseSync(join(storage.directoryOf(homeOf(await keptSite(world, owned.id))), 'shop.db'))
  database.exec('CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)')
  const insert = database.prepare('INSERT INTO customers (name) VALUES (?)')
  for (let number = 0; number < 50; number += 1) insert.run(`${canary}-${number}`)
  database.exec('DELETE FROM customers WHERE id > 10')
  database.close()
  await copySite(world, owned)
  await world.quiet()
  return owned
}

/** The files of a site that hold a canary, in any of its directories, and how many files there are. */
const filesWithCanary = async (world: World, id: SiteId): Promise<readonly string[]> => {
  const { storage } = await world.host()
  const homes = (await storage.list()).filter(({ siteId }) => siteId === id)
  const found: string[] = []
  for (const home of homes) {
    const directory = storage.directoryOf(home)
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && (await readFile(path)).includes(canary)) found.push(path)
    }
  }
  return found
}

const isClean = async (world: World): Promise<readonly string[]> => {
  const site = await environmentIn(world)
  if (site?.status !== 'active') return [`the clone is ${JSON.stringify(site)}`]
  const { storage } = await world.host()
  const production = await filesWithCanary(world, site.environmentOf.siteId)
  const text = await readFile(join(storage.directoryOf(homeOf(site)), 'loaded.json'), 'utf8').catch(() => '{}')
  const { customers = [], source, own } = JSON.parse(text) as { customers?: object[]; source?: string; own?: string }
  // A copy of a crashed attempt is removed by the sweep of leftovers.
  await world.tick('clear-leftovers')
  await world.quiet()
  return [
    ...(production.length > 0 ? [] : ['the production has no canary, so this proves nothing']),
    ...(await filesWithCanary(world, site.id)).map((path) => `a canary is in ${path}`),
    ...(customers.length === 10 ? [] : [`it was loaded with ${text}`]),
    ...(source !== undefined && own !== undefined && source !== own ? [] : ['the secrets are not apart']),
    ...(site.environmentOf.hasProductionData ? ['it counts as data of production'] : []),
  ]
}

const usual = {
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls: /^(use-copy|complete-jobs|run-site )/,
} as const satisfies Partial<Scenario>

sweepTest(
  {
    ...usual,
    name: 'an anonymised clone',
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await planted(world, dumps)
      return () => createEnvironment(world, owned, { data: 'anonymised' })
    },
    check: isClean,
  },
  [
    ...['deployment-api sites.commit', 'run-site runtime.runOnce', 'run-site workflows.start'],
    ...['use-copy archiver.run', 'use-copy sites.commit'],
  ],
)

sweepTest(
  {
    ...usual,
    name: 'an anonymised clone whose command fails',
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await planted(world, 'process.exit(3)')
      return () => createEnvironment(world, owned, { data: 'anonymised' })
    },
    check: async (world) => {
      await world.tick('clear-leftovers')
      await world.quiet()
      const site = await environmentIn(world)
      if (site?.status !== 'failed') return [`the clone is ${JSON.stringify(site)}`]
      return [
        ...(await filesWithCanary(world, site.id)).map((path) => `a canary is in ${path}`),
        ...(site.failure.reason.includes('exit code 3') ? [] : [site.failure.reason]),
      ]
    },
  },
  ['run-site runtime.runOnce', 'fail-site sites.commit'],
)
