import type { Command } from 'commander'
import type { Api } from './api.ts'
import type { Site } from './site.ts'
import { assignmentsIn, readSecret, readValues, secretsText, setValues, variablesText } from './values.ts'

interface Surroundings {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly say: (text: string) => void
  /** The site that the command line names, or an environment of it. */
  readonly find: (environment?: string) => Promise<{ readonly api: Api; readonly site: Site }>
  readonly show: (value: object, text: string) => void
}

const taken = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]))

/** Adds `vars` and `secrets`. A change restarts the site at once. */
export const addValueCommands = (program: Command, { input, say, find, show }: Surroundings): void => {
  const note = (line: string): void => say(`${line}\n`)
  const of = ['--env <environment>', 'of this environment; of production by default'] as const
  const set = async (command: Command, values: Parameters<typeof setValues>[2]): Promise<void> => {
    const { api, site } = await find(command.opts<{ env?: string }>().env)
    const done = await setValues(api, site, values, note)
    show(done.values, done.text)
  }
  const vars = program
    .command('vars')
    .description('list or change variables; a change restarts the site')
    .option(...of)
  vars
    .command('list', { isDefault: true })
    .description('print the variables')
    .action(async () => {
      const { api, site } = await find(vars.opts<{ env?: string }>().env)
      const values = await readValues(api, site)
      show({ variables: values.variables }, variablesText(values))
    })
  vars
    .command('set <NAME=VALUE...>')
    .description('set variables')
    .action((words: readonly string[]) => set(vars, { variables: assignmentsIn(words) }))
  vars
    .command('unset <NAME...>')
    .description('go back to what the file says')
    .action((names: readonly string[]) => set(vars, { variables: taken(names) }))
  const secrets = program
    .command('secrets')
    .description('list or change secrets; nobody can read them')
    .option(...of)
  secrets
    .command('list', { isDefault: true })
    .description('print the names of secrets')
    .action(async () => {
      const { api, site } = await find(secrets.opts<{ env?: string }>().env)
      const values = await readValues(api, site)
      show({ secrets: values.secrets }, secretsText(values))
    })
  secrets
    .command('set <NAME>')
    .description('set a secret, whose value the command reads from its input')
    .action(async (name: string) => set(secrets, { secrets: { [name]: await readSecret(name, { input, say }) } }))
  secrets
    .command('unset <NAME...>')
    .description('take values back')
    .action((names: readonly string[]) => set(secrets, { secrets: taken(names) }))
}
