import type { catalogue } from '../texts/catalogues/operator.ts'
import type { Texts } from '../texts/texts.ts'

type Page = Pick<Texts<keyof typeof catalogue>, 't' | 'find' | 'format'>
type Fact = readonly [name: string, value: string]

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value with its unit, which its name has. */
const plainText = ({ t, find, format }: Page, name: string, value: unknown): string => {
  if (name === 'features') return find(`feature.${String(value)}`) ?? String(value)
  if (typeof value === 'boolean') return t(value ? 'billing.yes' : 'billing.no')
  if (typeof value !== 'number') return (name === 'kind' && find(`setting-value.${value}`)) || String(value)
  if (name.endsWith('MiB')) return format.mebibytes(value)
  if (name.endsWith('Days')) return format.days(value)
  return /minutes$/i.test(name) ? format.minutes(value) : format.number(value)
}

/** A rate limit or a price as a phrase; undefined for anything else. */
const phraseOf = ({ t, format }: Page, value: unknown): string | undefined => {
  if (!isRecord(value)) return undefined
  const { limit, minutes, amount, currency, interval } = value
  if (typeof limit === 'number' && typeof minutes === 'number')
    return t('setting-value.limit', {
      limit: format.number(limit),
      minutes: minutes < 1440 ? format.minutes(minutes) : format.days(minutes / 1440),
    })
  if (typeof amount !== 'number' || typeof currency !== 'string') return undefined
  return t(interval === 'year' ? 'setting-value.year' : 'setting-value.month', {
    price: format.money({ amount, currency }),
  })
}

export const settingName = ({ find }: Pick<Page, 'find'>, name: string): string => find(`setting.${name}`) ?? name

/**
 * The values in a setting, by what people call them. Objects in lists are left out, but for rate limits and prices.
 * @param names those of the objects around it.
 */
export const settingFacts = (page: Page, setting: unknown, names: readonly string[] = []): readonly Fact[] => {
  if (isRecord(setting))
    return Object.entries(setting).flatMap(([name, inner]) => settingFacts(page, inner, [...names, name]))
  const label = names.map((name) => settingName(page, name)).join(': ')
  const own = names.at(-1) ?? ''
  const list = (Array.isArray(setting) ? setting : [setting]).map(
    (one) => phraseOf(page, one) ?? plainText(page, own, one),
  )
  return [[label, list.length === 0 ? '–' : list.join(', ')]]
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The values in a setting with their paths, such as `client.1.limit`. Lists of plain values are one value. */
export const flatten = (value: unknown, path = ''): readonly (readonly [path: string, value: string])[] => {
  if (Array.isArray(value) && !value.some(isObject)) return [[path, value.join(', ') || '–']]
  if (!isObject(value)) return [[path, String(value)]]
  const place = (name: string) => (Array.isArray(value) ? String(Number(name) + 1) : name)
  return Object.entries(value).flatMap(([name, inner]) =>
    flatten(inner, path === '' ? place(name) : `${path}.${place(name)}`),
  )
}

/** The settings by path that two versions have not alike; a value that one of them lacks is undefined there. */
export const differencesOf = (before: object, after: object) => {
  const [old, now] = [new Map(flatten(before)), new Map(flatten(after))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((row) => row.before !== row.after && row.path !== 'version')
}
