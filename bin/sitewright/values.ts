import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import * as z from 'zod'
import { type Api, pauseBefore, Refusal, withRetries } from './api.ts'
import type { CommandContext, Terminal } from './command-context.ts'
import { Failure } from './failure.ts'
import type { Site } from './site.ts'

const valuesSchema = z.object({
  inUse: z.int(),
  applying: z.int().nullable(),
  variables: z.array(
    z.object({
      ...{ name: z.string(), value: z.string().nullable(), default: z.string().nullable() },
      used: z.boolean().default(true),
    }),
  ),
  secrets: z.array(
    z.object({
      ...{ name: z.string(), required: z.boolean(), used: z.boolean() },
      set: z.object({ at: z.string() }).nullable(),
    }),
  ),
})
type Values = z.infer<typeof valuesSchema>

const pathOf = ({ id }: Site): string => `/v1/sites/${id}/configuration`

const readValues = (api: Api, site: Site): Promise<Values> => api({ path: pathOf(site) }, valuesSchema)

const variablesText = ({ variables }: Values): string =>
  variables
    .flatMap(({ name, value, default: usual, used }) => {
      if (value !== null) return [`${name}=${value}${used ? '' : '  (not used by the version that runs)'}`]
      return usual === null ? [] : [`${name}=${usual}  (from the file)`]
    })
    .join('\n') || 'No variable is set.'

const secretState = ({ used, set, required }: Values['secrets'][number]): string => {
  if (set !== null) return `set ${set.at}${used ? '' : ', and not used by the version that runs'}`
  return required ? 'not set, and needed' : 'made by Sitewright'
}

const secretsText = (values: Values): string =>
  values.secrets.map((secret) => `${secret.name}  ${secretState(secret)}`).join('\n') || 'There is no secret.'

/** @throws {Failure} for something else than NAME=VALUE. */
const assignmentsIn = (words: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw new Failure('mistake', `Write NAME=VALUE. To set a secret: sitewright secrets set ${word}`)
    }),
  )

/** In milliseconds: the lines of a text that is pasted come so soon after each other. */
const pasteTime = 100

/** Reads one line without an echo. @throws {Failure} for several, as of a key that is pasted: the first one alone would be the value. */
const typeSecret = async (name: string, { input, say }: Pick<Terminal, 'input' | 'say'>): Promise<string> => {
  say(`Value of ${name} (it is not shown): `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: silent, terminal: true })
  const typed: string[] = []
  lines.on('line', (line) => void typed.push(line))
  // The terminal, which shows nothing now, sends no signal either.
  lines.on('SIGINT', () => {
    say('\n')
    process.kill(process.pid, 'SIGINT')
  })
  try {
    await Promise.race([once(lines, 'line'), once(lines, 'close')])
    await pause(pasteTime)
    const [value = '', ...more] = typed
    // The last line of what is pasted may not have ended.
    if ([...more, lines.line].every((line) => line.trim() === '')) return value
  } finally {
    lines.close()
    say('\n')
  }
  const advice = `Keep it in a file, and run: sitewright secrets set ${name} <FILE`
  throw new Failure('mistake', `The value of ${name} has several lines, and only one can be typed. ${advice}`)
}

/** @throws {Failure} for bytes that are no text: other letters would take their place, and nobody would see it. */
const pipeSecret = async (name: string, { input }: Pick<Terminal, 'input'>): Promise<string> => {
  const bytes = await buffer(input)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '')
  } catch {
    const advice = 'Encode it, such as with base64, and decode it in the application.'
    throw new Failure('mistake', `The value of ${name} is not text in UTF-8. ${advice}`)
  }
}

/**
 * Reads the value of a secret: typed in a terminal, and otherwise all of the input, without its last line break.
 * @throws {Failure} for an empty one.
 */
const readSecret = async (name: string, terminal: Pick<Terminal, 'input' | 'say'>): Promise<string> => {
  const value = await (terminal.input.isTTY === true ? typeSecret : pipeSecret)(name, terminal)
  if (value !== '') return value
  throw new Failure('mistake', `The value of ${name} is empty. Pipe it into the command, or type it when asked.`)
}

/** By name; null takes a value back. */
interface NewValues {
  readonly variables?: Readonly<Record<string, string | null>>
  readonly secrets?: Readonly<Record<string, string | null>>
}

/** An operation on a site, such as a copy, takes minutes. */
const maxChecks = 600

const change = async (api: Api, site: Site, values: NewValues, note: (line: string) => void): Promise<Values> => {
  for (let check = 0; ; check += 1) {
    try {
      return await api({ method: 'POST', path: pathOf(site), body: values }, valuesSchema)
    } catch (error) {
      const isBusy = error instanceof Refusal && (error.is('operation-in-progress') || error.is('version-conflict'))
      if (!isBusy || check === maxChecks) throw error
      if (check === 0) note('Waiting until other operations on the site have ended')
      await pauseBefore(check)
    }
  }
}

/**
 * Sets values of a site, and waits until it runs with them.
 * @throws {Failure} if it does not become healthy with them: it goes back by itself.
 */
const setValues = async (
  api: Api,
  site: Site,
  values: NewValues,
  note: (line: string) => void,
): Promise<{ readonly values: Values; readonly text: string }> => {
  const begun = await change(api, site, values, note)
  const { applying } = begun
  const names = [...Object.keys(values.variables ?? {}), ...Object.keys(values.secrets ?? {})]
  if (applying === null) return { values: begun, text: `${site.slug} has these values already. It was not restarted.` }
  note(`Restarting ${site.slug}`)
  let now = begun
  // Somebody else's values may follow at once.
  for (let check = 0; now.applying === applying; check += 1) {
    await pauseBefore(check)
    now = await withRetries(api, { path: pathOf(site) }, valuesSchema)
  }
  if (now.inUse !== applying) {
    const message = `${site.slug} does not work with these values, and runs with those before. See: sitewright logs`
    throw new Failure('failed', message)
  }
  const unused = [
    ...now.variables.map((one) => ({ ...one, isSet: one.value !== null, list: 'variables' })),
    ...now.secrets.map((one) => ({ ...one, isSet: one.set !== null, list: 'given' })),
  ].filter(({ name, used, isSet }) => names.includes(name) && !used && isSet)
  const advice = unused.map(
    ({ name, list }) => `\nNothing uses ${name} yet: list it in \`${list}\` of a container, and run: sitewright deploy`,
  )
  return { values: now, text: `Changed: ${names.join(', ')}. ${site.slug} was restarted.${advice.join('')}` }
}

const taken = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]))

/** Adds `vars` and `secrets`. A change restarts the site at once. */
export const addValueCommands = (program: Command, { terminal, show, note, find }: CommandContext): void => {
  const commandFor = (name: string, about: string, listing: string, list: (values: Values) => void) => {
    const command = program
      .command(name)
      .description(about)
      .option('--env <environment>', 'of this environment; of production by default')
    const named = () => find(command.opts<{ env?: string }>().env)
    command
      .command('list', { isDefault: true })
      .description(listing)
      .action(async () => {
        const { api, site } = await named()
        list(await readValues(api, site))
      })
    const set = async (values: NewValues): Promise<void> => {
      const { api, site } = await named()
      const done = await setValues(api, site, values, note)
      show(done.values, done.text)
    }
    return { command, set }
  }
  const vars = commandFor(
    'vars',
    'list or change variables; a change restarts the site',
    'print the variables',
    (values) => show({ variables: values.variables }, variablesText(values)),
  )
  vars.command
    .command('set <NAME=VALUE...>')
    .description('set variables')
    .action((words: readonly string[]) => vars.set({ variables: assignmentsIn(words) }))
  vars.command
    .command('unset <NAME...>')
    .description('go back to what the file says')
    .action((names: readonly string[]) => vars.set({ variables: taken(names) }))
  const secrets = commandFor(
    'secrets',
    'list or change secrets; nobody can read them',
    'print the names of secrets',
    (values) => show({ secrets: values.secrets }, secretsText(values)),
  )
  secrets.command
    .command('set <NAME>')
    .description('set a secret, whose value the command reads from its input')
    .action(async (name: string) => secrets.set({ secrets: { [name]: await readSecret(name, terminal) } }))
  secrets.command
    .command('unset <NAME...>')
    .description('take values back')
    .action((names: readonly string[]) => secrets.set({ secrets: taken(names) }))
}
