import { flatten } from './flatten.ts'

/** The settings by path that two versions have not alike; a value that one of them lacks is undefined there. */
export const differencesOf = (before: object, after: object) => {
  const [old, now] = [new Map(flatten(before)), new Map(flatten(after))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((row) => row.before !== row.after && row.path !== 'version')
}
