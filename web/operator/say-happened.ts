import type { components } from '../api/openapi.d.ts'
import type { Texts } from '../texts/texts.ts'

type Entry = components['schemas']['Timeline']['entries'][number]

const names =
  'step previousVersion configuration to milliseconds because daysBefore trialEndsAt until policyVersion operation outcome revision during detail'

/** The values of an event in the language of the page. Codes without a text stay. */
const valuesOf = ({ find, format }: Texts<string>, { details }: Entry): Readonly<Record<string, string>> => {
  const say = (name: string): string => {
    const value = details[name]
    if (typeof value === 'number') return name === 'daysBefore' ? format.days(value) : format.number(value)
    if (typeof value !== 'string') return '–'
    return name === 'until' || name === 'trialEndsAt' ? format.instant(value) : (find(`${name}.${value}`) ?? value)
  }
  return Object.fromEntries(names.split(' ').map((name) => [name, say(name)]))
}

/** Fields that make an event another one for a reader. */
const variantsOf = ({ details }: Entry): readonly unknown[] => [
  ...['configuration', 'restored', 'to', 'ownersOnly', 'scheduled'].filter((name) => details[name]),
  details['because'],
  details['side'],
]

/**
 * Says an entry of a timeline in the language of the page. One of an unknown type keeps the words of the API.
 * @param events may have the one that a mail is about.
 */
export const sayHappened = (texts: Texts<string>, entry: Entry, events: readonly Entry[] = []): string => {
  const { type, details, title } = entry
  const event = events.find(({ id }) => id === details['about'])
  const values = { ...valuesOf(texts, entry), about: event === undefined ? '–' : sayHappened(texts, event) }
  const keys = [...variantsOf(entry).map((variant) => `${type}.${variant}`), type]
  return keys.map((key) => texts.find(`happened.${key}`, values)).find((text) => text !== undefined) ?? title
}
