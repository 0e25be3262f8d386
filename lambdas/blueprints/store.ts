import { isDeepStrictEqual } from 'node:util'
import {
  collect,
  contentItem,
  type Database,
  getItem,
  inTable,
  queryAll,
  readAll,
  readContent,
  readPage,
  removeItem,
} from '../../adapters/dynamodb/item.ts'
import { type Key, padded } from '../../adapters/dynamodb/keys.ts'
import { isAtVersion, isNew, put, putIf, transact } from '../../adapters/dynamodb/transaction.ts'
import { type Blueprint, blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { isOwnBlueprint, ownBlueprint } from '../deployments/deployment.ts'
import { blueprintStatusSchema } from './blueprint-status.ts'
import type { BlueprintStore } from './ports.ts'

const blueprintKey = (name: string, version: number): Key => ({
  pk: `BLUEPRINT#${name}`,
  sk: `VERSION#${padded(version)}`,
})
const statusKey = (name: string): Key => ({ pk: `BLUEPRINT#${name}`, sk: 'STATUS' })

/** Lists all blueprints by name, and those with a draft to try: reading the status of each would cost more with each of them. */
const listPartition = 'BLUEPRINTS'
const lists = { all: 'NAME#', drafts: 'DRAFT#' } as const

/** Removes all versions of a site's own blueprint and what is known of them; nothing if the name could be that of another one. */
export const eraseOwnBlueprint = async ({ client, tables: { main } }: Database, siteId: SiteId): Promise<void> => {
  const name = ownBlueprint(siteId)
  if (!isOwnBlueprint(name)) return
  await removeItem(client, main, { pk: listPartition, sk: `${lists.all}${name}` })
  for await (const { pk, sk } of queryAll(client, inTable(main, statusKey(name).pk))) {
    await removeItem(client, main, { pk, sk })
  }
}

export const createBlueprintStore = ({ client, tables }: Database): BlueprintStore => {
  /** A published version never changes, so it is read once, although a build asks for it at every check. */
  const known = new Map<string, Blueprint>()

  const get: BlueprintStore['get'] = async (name, version) => {
    const key = blueprintKey(name, version)
    const place = `${key.pk} ${key.sk}`
    const remembered = known.get(place)
    if (remembered !== undefined) return remembered
    const blueprint = readContent(blueprintSchema, await getItem(client, tables.main, key))
    if (blueprint !== undefined) known.set(place, blueprint)
    return blueprint
  }

  const versionsOf = (name: string) => inTable(tables.main, blueprintKey(name, 1).pk, 'VERSION#')

  return {
    get,
    publish: async (blueprint) => {
      const { name, version } = blueprint
      const Item = contentItem(blueprintKey(name, version), 'blueprint', blueprint, { schemaVersion: 1 })
      if (await putIf(client, tables.main, Item, isNew)) return
      if (isDeepStrictEqual(await get(name, version), blueprint)) return
      throw new SitewrightError(
        'BlueprintInvalid',
        `Blueprint '${name}' version ${version} is published and its content never changes. Give the changed one the next version number.`,
      )
    },
    status: async (name) => readContent(blueprintStatusSchema, await getItem(client, tables.main, statusKey(name))),
    saveStatus: async (status) => {
      const { name, version, draft } = status
      const item = contentItem(statusKey(name), 'blueprint-status', status, { version })
      const listed = (list: keyof typeof lists): Key => ({ pk: listPartition, sk: `${lists[list]}${name}` })
      const asDraft = { ...listed('drafts'), kind: 'blueprint-draft' }
      const refusals = await transact(client, [
        put('version', tables.main, item, isAtVersion(version - 1)),
        put('version', tables.main, { ...listed('all'), kind: 'blueprint-name' }),
        draft?.state === 'trying'
          ? put('version', tables.main, asDraft)
          : { refusal: 'version', write: { Delete: { TableName: tables.main, Key: listed('drafts') } } },
      ])
      return refusals.length === 0
    },
    names: async (list) => {
      const found: string[] = []
      for await (const { sk } of queryAll(client, inTable(tables.main, listPartition, lists[list])))
        found.push(String(sk).slice(lists[list].length))
      return found
    },
    latest: async (name) =>
      (await readPage(client, blueprintSchema, { ...versionsOf(name), ScanIndexForward: false, Limit: 1 }))[0],
    versions: async (name, newest) => {
      if (newest !== undefined) {
        const question = { ...versionsOf(name), ScanIndexForward: false, Limit: newest }
        return (await readPage(client, blueprintSchema, question)).toReversed()
      }
      return collect(readAll(client, blueprintSchema, versionsOf(name)))
    },
  }
}
