import type { paths } from '../api/openapi.d.ts'

type Draft = paths['/v1/operator/sites/{id}/relocation']['put']['requestBody']['content']['application/json']

/** The local time of an instant in a time zone, as `datetime-local` has it: `2026-12-05T22:00`. */
export const localTimeAt = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    .format(new Date(instant))
    .replace(' ', 'T')

/** The time zones that a browser knows, its own first. Some browsers do not list UTC. */
export const timeZones = (): readonly string[] => {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return [...new Set([own, 'UTC', ...Intl.supportedValuesOf('timeZone')])]
}

/** The plan that a form says. Its fields have the names that the API gives them in its problems; empty ones change nothing. */
export const draftOf = (form: FormData): Draft => {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const [plan, cell, configuration] = [text('target.plan'), text('target.cell'), text('target.configuration')]
  const [name = '', version] = text('target.blueprint').split(/\s+/)
  const [number, firstDay, lastDay] = [text('contract.number'), text('contract.firstDay'), text('contract.lastDay')]
  const note = text('contract.note')
  const contract = { number, firstDay, lastDay, ...(note && { note }) }
  // Only its contract changes.
  if (!form.has('window.from')) return { contract }
  return {
    target: {
      ...(plan && { plan }),
      ...(name && { blueprint: { name, version: Number(version) } }),
      ...(configuration && { configuration: Number(configuration) }),
      ...(cell && { cell }),
    },
    window: { from: text('window.from'), until: text('window.until'), timeZone: text('window.timeZone') },
    ...((number || firstDay || lastDay || note) && { contract }),
    confirmDays: Number(text('confirmDays')),
  }
}
