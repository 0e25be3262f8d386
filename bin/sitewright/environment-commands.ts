import type { Command } from 'commander'
import { ownBlockOf, production } from '../../core/blueprint/site-file.ts'
import { Refusal } from './api.ts'
import type { CommandContext } from './command-context.ts'
import { send } from './deploy.ts'
import {
  changeEnvironment,
  commandAt,
  createEnvironment,
  type Environment,
  environmentsText,
  environmentText,
  findEnvironment,
  listEnvironments,
  requireEnvironment,
  restoreDeleted,
  restoreEnvironment,
  wantedBy,
} from './environments.ts'
import { Failure } from './failure.ts'
import { type ReadFile, readSiteFile } from './read-file.ts'
import { namedSite } from './session.ts'

interface CreateOptions {
  readonly from?: string
  readonly data?: string
  readonly at?: string
  readonly fresh: boolean
  readonly reason?: string
  readonly secret?: string[]
}

/** @throws {Failure} for a text that is not a time. */
const instantOf = (text: string): string => {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time.toISOString()
  throw new Failure('mistake', `'${text}' is not a time. Write it as 2026-11-27T09:00:00Z.`)
}

/**
 * Returns why `env delete --branch` keeps an environment, or undefined if it may delete it. A block of the file whose name is a pattern is for
 * environments of branches; a block with a plain name is for one environment, which stays.
 */
const reasonToKeep = async (
  { environment: { name, branch: known, endsAt } }: Environment,
  branch: string,
  path: string,
): Promise<string | undefined> => {
  if (known !== branch) return known ? `is that of the branch '${known}'` : 'was made by its name'
  const isNamed = ({ file }: ReadFile) => ownBlockOf(file, { name, branch }) !== undefined
  const isToStay = endsAt === null && (await readSiteFile(path).then(isNamed, () => true))
  return isToStay ? 'does not end' : undefined
}

/** An option that is given once for each value: one that takes several would take the name of the environment too. */
export const eachOf = (value: string, before: readonly string[] = []): string[] => [...before, value]

/** Adds the commands on environments, and those that move versions between them. */
export const addEnvironmentCommands = (
  program: Command,
  context: CommandContext & { readonly openSite: (name?: string) => Promise<void> },
): void => {
  const { terminal, shared, show, note, find, openSite } = context
  const { environment } = terminal
  /** The production, for commands that name an environment of it. */
  const main = () => namedSite(terminal, shared(), {})
  const tell = (one: Environment): void => show(one, environmentText(one))

  const env = program.command('env').description('create, list and end environments of the site')
  env
    .command('create [name]')
    .description(
      'create an environment, which runs what production runs, or restore it if it was deleted; repeating it changes nothing',
    )
    .option('--from <environment>', 'run what this one runs')
    .option('--data <source>', 'empty, seed, anonymised or copy; by default what its block of the file says')
    .option('--at <time>', 'use the newest copy of then or before, such as 2026-11-27T09:00:00Z')
    .option('--fresh', 'take a copy first: the environment that is copied pauses for it', false)
    .option('--reason <text>', "why production's data is copied as it is, which only owners do")
    .option('--secret <name>', 'set this secret to the variable of the same name of this command; for each one', eachOf)
    .action(async (name: string | undefined, { secret, at, ...options }: CreateOptions) => {
      const { api, site } = await main()
      const { branch } = shared()
      if (options.fresh) note(`${options.from ?? production} pauses while it is copied.`)
      const wanted = { name, branch, ...options, at: at && instantOf(at), secrets: secret }
      const creating = createEnvironment(api, site, wanted, environment)
      const made = creating.then((created) => created.made)
      tell(
        await made.catch(async (error: unknown) => {
          const isRefused = error instanceof Refusal && error.is('transition-not-allowed')
          const found = isRefused ? await findEnvironment(api, site, { name, branch }) : undefined
          if (!found?.deletion) throw error
          return restoreDeleted(api, site, found, note)
        }),
      )
    })
  env
    .command('list')
    .description('list the environments, and when they end')
    .action(async () => {
      const { api, site } = await main()
      const found = await listEnvironments(api, site)
      show(found, environmentsText(found))
    })
  env
    .command('extend [name]')
    .description('begin the time of an environment again')
    .option('--for <time>', 'such as 7d or 12h; as long as before by default')
    .action(async (name: string | undefined, options: { for?: string }) => {
      const wanted = wantedBy(shared(), name)
      const { api, site } = await main()
      const body = { ...(options.for && { expires: options.for }) }
      const act = { method: 'POST', path: '/extend', body } as const
      tell(await changeEnvironment(api, site, wanted, act))
    })
  env
    .command('delete [name]')
    .description('delete an environment, which frees its place; it can be restored for some days')
    .action(async (name?: string) => {
      const { file, site: option } = shared()
      const wanted = wantedBy(shared(), name)
      const { branch } = wanted
      const { api, site } = await main()
      const found = branch && (await findEnvironment(api, site, wanted))
      if (branch && !found) {
        show({ environment: null }, `The branch '${branch}' has no environment. Nothing was deleted.`)
        return
      }
      const reason = found && branch ? await reasonToKeep(found, branch, file) : undefined
      if (!found || reason === undefined) {
        tell(await changeEnvironment(api, site, wanted, { method: 'DELETE' }))
        return
      }
      const { name: one } = found.environment
      note(`'${one}' ${reason}, so it is kept. To delete it: ${commandAt(option)} env delete ${one}`)
      tell(found)
    })
  env
    .command('restore [name]')
    .description('start a deleted environment again with its data; it needs a place of the plan again')
    .action(async (name?: string) => {
      const wanted = wantedBy(shared(), name)
      const { api, site } = await main()
      tell(await restoreEnvironment(api, site, wanted))
    })
  env
    .command('open [name]')
    .description('print a URL that lets you into the environment, once, and open it in the browser')
    .action(openSite)
  program
    .command('promote <from> [to]')
    .description(
      `deploy what an environment runs to another one, ${production} by default, with the variables of that one`,
    )
    .action(async (from: string, to?: string) => {
      const { branch, site: option } = shared()
      if (branch !== undefined) {
        const message = `Is '${branch}' the branch to promote, or to promote to? Name both environments instead of --branch.`
        throw new Failure('mistake', `${message} Their names: ${commandAt(option)} env list`)
      }
      const { api, site } = await main()
      const target = await requireEnvironment(api, site, { name: to }, option)
      const done = await send({ api, note }, target, '/promote', { from })
      show(done, `Version ${done.version} is live: ${done.url}`)
    })
  program
    .command('rollback [environment]')
    .description('deploy the version before the present one again, with the variables that it had')
    .option('--data', 'bring the data from before back too; the present data is kept as a copy', false)
    .action(async (name: string | undefined, { data }: { data: boolean }) => {
      const { api, site } = await find(name)
      const done = await send({ api, note }, site, '/rollback', { data })
      show(done, `Version ${done.version} is live: ${done.url}`)
    })
}
