import { invalidRequest } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { findObject } from './find-object.ts'
import { includedLists } from './included-lists.ts'
import type { FormValue } from './read-form.ts'

/** As many levels as Stripe expands; `data` of a list is one. */
const mostLevels = 4

type Members = Record<string, unknown>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const refuse = (path: string): never => {
  throw invalidRequest(
    `This property cannot be expanded (${path}). You may want to try expanding one of its properties, or check ` +
      'https://docs.stripe.com/expand.',
    { param: 'expand' },
  )
}

/** What is behind one name of an object, shown in full where it was an id. */
const show = (world: World, members: Members, name: string, path: string): unknown => {
  const value = members[name]
  const include = includedLists.get(`${String(members['object'])}.${name}`)
  if (include !== undefined) return include(world, String(members['id']))
  if (typeof value !== 'string' || name === 'id') return name in members ? value : refuse(path)
  return findObject(world, value) ?? refuse(path)
}

const expandIn = (world: World, within: unknown, [name, ...rest]: readonly string[], path: string): unknown => {
  if (name === undefined || within === null) return within
  if (Array.isArray(within)) return within.map((each) => expandIn(world, each, [name, ...rest], path))
  if (!isMembers(within)) return refuse(path)
  return { ...within, [name]: expandIn(world, show(world, within, name, path), rest, path) }
}

/**
 * Puts whole objects where ids are.
 * @throws {StripeFault} where a path is too long or leads nowhere.
 */
export const expand = (world: World, answer: object, wanted: FormValue | undefined): unknown => {
  if (wanted === undefined) return answer
  if (!Array.isArray(wanted)) throw invalidRequest('Invalid array', { param: 'expand' })
  return wanted.reduce<unknown>((expanded, path) => {
    if (typeof path !== 'string') throw invalidRequest('Invalid string', { param: 'expand' })
    const names = path.split('.')
    if (names.length > mostLevels) {
      throw invalidRequest(`You cannot expand more than 4 levels of a property. Property: ${path}`, { param: 'expand' })
    }
    return expandIn(world, expanded, names, path)
  }, answer)
}
