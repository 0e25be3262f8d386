import type { Command } from 'commander'
import * as z from 'zod'
import type { Api } from './api.ts'
import type { CommandContext } from './command-context.ts'
import { Failure } from './failure.ts'
import { restartsOf, restartsText, type Site } from './site.ts'

const schema = z.object({
  now: z.string(),
  at: z.string(),
  from: z.string(),
  until: z.string(),
  before: z.object({ at: z.string(), status: z.string(), version: z.int().nullable() }).nullable(),
  isComplete: z.boolean(),
  entries: z.array(
    z.object({
      at: z.string(),
      kind: z.string(),
      text: z.string(),
      by: z.string(),
      person: z.string().nullish(),
      lines: z.array(z.string()).optional(),
    }),
  ),
})
type Explanation = z.infer<typeof schema>

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const forms =
  'Write 20m, 2h or 3d for so long ago, a time of day such as 14:30 or "2026-01-31 14:30", or an ISO time such as 2026-01-31T14:30:00Z.'

/**
 * A moment that a person names, in the zone of the person where it has none. A time without a day is the last such time.
 * @param now by the clock of the server: that of this machine may be wrong.
 * @throws {Failure} for anything else.
 */
export const momentOf = (text: string, now: string): string => {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  if (count !== undefined) return new Date(Date.parse(now) - Number(count) * (units[unit] ?? 0)).toISOString()
  const [, day, time] = /^(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d:\d\d(?::\d\d)?)$/.exec(text) ?? []
  const isWhole = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text)
  const found = new Date(time === undefined ? (isWhole ? text : '') : `${day ?? localDay(now)}T${time}`)
  if (Number.isNaN(found.getTime())) throw new Failure('mistake', `'${text}' is not a time. ${forms}`)
  if (time !== undefined && day === undefined && found > new Date(now)) found.setDate(found.getDate() - 1)
  return found.toISOString()
}

const two = (number: number): string => String(number).padStart(2, '0')

const localDay = (at: string): string => {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

const localTime = (at: string): string => {
  const date = new Date(at)
  return `${localDay(at)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A platform that restarts containers in place tells of no single restart: how often they did is one entry, of now. */
const restartEntries = async (api: Api, site: Site, at: string): Promise<Explanation['entries']> => {
  const text = await restartsOf(api, site).then(
    (restarts = []) =>
      restarts.length > 0 && `Restarted since the site was started: ${restartsText(restarts)}. When is not known`,
    // Most is worth telling without it.
    () => 'How often its containers restarted is not known now',
  )
  return text ? [{ at, kind: 'restart', text, by: 'system', person: null }] : []
}

/** What happened to a site around a moment; now by default. */
export const explain = async (
  api: Api,
  site: Site,
  { at, minutes }: { readonly at?: string | undefined; readonly minutes: number },
): Promise<Explanation> => {
  const read = (moment: string) => api({ path: `/v1/sites/${site.id}/explanation?minutes=${minutes}${moment}` }, schema)
  const present = await read('')
  const found = at === undefined ? present : await read(`&at=${encodeURIComponent(momentOf(at, present.now))}`)
  if (found.until < found.now || found.entries.some(({ kind }) => kind === 'restart')) return found
  return { ...found, entries: [...found.entries, ...(await restartEntries(api, site, found.now))] }
}

const skewMinutes = ({ now }: Explanation): number => Math.round((Date.now() - Date.parse(now)) / 60_000)

/** Intl does not name a zone that it does not know, though it says otherwise. */
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

const people: Readonly<Record<string, string>> = {
  owner: ' (by a member of the account)',
  staff: ' (by the operators)',
  payment: ' (after a payment)',
}
const by = (entry: Explanation['entries'][number]): string =>
  entry.person ? ` (by ${entry.person})` : (people[entry.by] ?? '')

/** Here and in UTC, once if that is the same. */
const both = (at: string): string =>
  new Date(at).getTimezoneOffset() === 0 ? `${localTime(at)} UTC` : `${localTime(at)} (${at.slice(11, 19)} UTC)`

const beforeText = ({ status, version, at }: NonNullable<Explanation['before']>): string =>
  `Before: ${status}, ${version === null ? 'not deployed yet' : `version ${version}`}, since ${both(at)}`

export const explanationText = (slug: string, found: Explanation): string => {
  const { at, from, until, before, isComplete, entries } = found
  const skew = skewMinutes(found)
  return [
    `${slug} around ${both(at)}. Times are in ${zone()}, by the clock of the server.`,
    ...(skew === 0 ? [] : [`The clock of this machine is ${Math.abs(skew)} min ${skew > 0 ? 'ahead' : 'behind'}.`]),
    ...(before === null ? [] : [beforeText(before)]),
    '',
    ...entries.flatMap((entry) => [
      `${both(entry.at)}  ${entry.kind.padEnd(10)}  ${entry.text}${by(entry)}`,
      ...(entry.lines ?? []).map((line) => `    ${line}`),
    ]),
    ...(entries.length === 0
      ? [`Nothing happened from ${both(from)} to ${both(until)}. For more: --minutes 1440`]
      : []),
    ...(isComplete ? [] : ['Too much has happened since: something may be missing. For less: --minutes 10']),
  ].join('\n')
}

const wholeNumber = (text: string, name: string, max: number): number => {
  const found = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0
  if (found >= 1 && found <= max) return found
  throw new Failure('mistake', `${name} must be a whole number from 1 to ${max}, not '${text}'.`)
}

export const addExplainCommand = (program: Command, { show, find }: CommandContext): void => {
  program
    .command('explain [environment]')
    .description('one timeline of deployments, variables, sleep, restarts, failures and errors around a moment')
    .option('--at <time>', 'such as 20m or 2h ago, 14:30, or 2026-01-31T14:30:00Z; now by default')
    .option('--minutes <count>', 'how many minutes before and after it', '60')
    .action(async (name: string | undefined, { at, minutes }: { at?: string; minutes: string }) => {
      const { api, site } = await find(name)
      const found = await explain(api, site, { at, minutes: wholeNumber(minutes, '--minutes', 1440) })
      show(found, explanationText(site.slug, found))
    })
}
