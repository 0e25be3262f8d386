import { join } from 'node:path'
import * as z from 'zod'
import { openDevelopmentIssuer } from '../adapters/oidc/development-issuer.ts'
import { emailSchema } from '../core/email.ts'
import { toInstant } from '../core/instant.ts'
import { findHome } from '../local/home/open-home.ts'
import { peopleFileOf } from '../local/operators.ts'
import { readSecrets } from '../local/secrets.ts'
import { readSettings } from '../local/settings.ts'
import config from '../sitewright.config.ts'
import { runCommand } from './command-line/read-options.ts'

const usage = `Changes who may sign in as an operator of this host, or prints a token. Needs the settings of the host and its home, so it needs its user.
The host may run: a change counts from the next request.

  npm run --silent operator -- --add you@example.com --role support
      adds somebody, and shows the secret of their authenticator once; or changes the role of somebody
  npm run --silent operator -- --list
  npm run --silent operator -- --remove you@example.com
      ends the sessions of the person too
  npm run --silent operator -- --reset you@example.com
      replaces a lost authenticator: shows a new secret once, and ends the person's sessions
  npm run --silent operator -- --email you@example.com --role support
      prints a token for /v1/operator, valid for twelve hours; the same address is always the same operator

  --role <role>       support, sales or admin
`

const role = z.enum(['support', 'sales', 'admin'])

const optionsSchema = z.strictObject({
  add: emailSchema.optional(),
  list: z.boolean().optional(),
  remove: emailSchema.optional(),
  reset: emailSchema.optional(),
  email: emailSchema.optional(),
  role: role.optional(),
})

const requireRole = (given: z.infer<typeof role> | undefined): z.infer<typeof role> => {
  if (given === undefined) throw new Error(`--role is missing\n\n${usage}`)
  return given
}

const openDirectory = async () => {
  const directory = await findHome(process.env)
  const secrets = await readSecrets({ directory, directories: { database: join(directory, 'database') } })
  return { directory, secrets, people: peopleFileOf(directory, secrets) }
}

const now = (): string => toInstant(new Date())

const nobody = (address: string): Error => new Error(`${address} is not an operator; see them with --list`)

await runCommand(optionsSchema, usage, async (options) => {
  const { role: wanted, ...acts } = options
  if (Object.keys(acts).length !== 1)
    throw new Error(`give one of --add, --list, --remove, --reset and --email\n\n${usage}`)
  const { directory, secrets, people } = await openDirectory()
  const showSecret = (person: Parameters<typeof people.enrolmentOf>[0]): void => {
    const { uri, text } = people.enrolmentOf(person, config.brand)
    console.log(`The secret of the authenticator of ${person.email}, shown this once:\n\n  ${text}\n  ${uri}\n`)
  }
  if (acts.add !== undefined) {
    const { person, isNew } = await people.add({ email: acts.add, role: requireRole(wanted), addedAt: now() })
    console.log(`${person.email} is an operator with the role ${person.role}.`)
    if (isNew) showSecret(person)
  }
  if (acts.list === true) {
    for (const person of await people.list()) console.log(`${person.email}\t${person.role}\tsince ${person.addedAt}`)
  }
  if (acts.remove !== undefined) {
    if (!(await people.remove(acts.remove))) throw nobody(acts.remove)
    console.log(`${acts.remove} is not an operator any more, and is signed out.`)
    console.log(
      `A token printed for this address works for up to 12 hours. To end all tokens, delete ${join(directory, 'operators-key.json')} and restart the host.`,
    )
  }
  if (acts.reset !== undefined) {
    const person = await people.reset(acts.reset)
    if (person === undefined) throw nobody(acts.reset)
    showSecret(person)
  }
  if (acts.email !== undefined) {
    const issuer = openDevelopmentIssuer({
      keyFile: join(directory, 'operators-key.json'),
      secret: secrets.codePepper,
      consoleUrl: readSettings(process.env).consoleUrl,
      clock: now,
    })
    console.log((await issuer.issue({ email: acts.email, role: requireRole(wanted) })).token)
  }
})
