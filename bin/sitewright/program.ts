import { spawn } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { Command, CommanderError } from 'commander'
import { production, siteFileName } from '../../core/blueprint/site-file.ts'
import { BadInput } from '../blueprint/bad-input.ts'
import { messageOf } from '../command-line/read-options.ts'
import { type Api, createApi } from './api.ts'
import { checkedText, checkFile } from './check.ts'
import { costsOf, costsText } from './costs.ts'
import { deploy } from './deploy.ts'
import { explain, explanationText } from './explain.ts'
import { exportedText, exportSite } from './export.ts'
import { exitCodes, Failure } from './failure.ts'
import { problemText } from './file-problems.ts'
import { initFile } from './init.ts'
import { signIn } from './login.ts'
import { readSiteFile } from './read-file.ts'
import { keepSession, serverUrl, tokenFor } from './session.ts'
import { entranceOf, findSite, logLines, newestDeployment, type Site, statusOf, statusText } from './site.ts'

export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** Results. */
  readonly print: (line: string) => void
  /** Questions and errors. */
  readonly say: (text: string) => void
}

interface Shared {
  readonly json: boolean
  readonly file: string
  readonly site?: string
}

const codesText = `
Exit codes:
  0  done
  1  the site or the deployment does not work
  2  the command or the file has a mistake
  3  sign in first
  4  the server refuses
  5  no answer, or too many requests: try again

Environment:
  SITEWRIGHT_URL    the address of the server; by default that of the last login
  SITEWRIGHT_TOKEN  signs in without a session`

/** Opens a page in the person's browser, where there is one. */
const openBrowser = (url: string): void => {
  const opener =
    new Map([
      ['darwin', 'open'],
      ['win32', 'explorer'],
    ]).get(process.platform) ?? 'xdg-open'
  if (!/^https?:$/.test(new URL(url).protocol)) return
  spawn(opener, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}

/** What servers and sites say must not control the terminal. */
const plainText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it removes them.
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')

const signedIn = async ({ environment }: World): Promise<Api> => {
  const url = await serverUrl(environment)
  return createApi(url, await tokenFor(environment, url))
}

const wholeNumber = (text: string, name: string, most: number): number => {
  const found = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 0
  if (found >= 1 && found <= most) return found
  throw new Failure('mistake', `${name} must be a whole number from 1 to ${most}, not '${text}'.`)
}

/** The site that is named, or that of the file. */
const namedSite = async (world: World, { site, file }: Shared): Promise<{ api: Api; site: Site }> => {
  const api = await signedIn(world)
  return { api, site: await findSite(api, site ?? (await readSiteFile(file)).file.name) }
}

const createProgram = (world: World, end: (code: number) => void): Command => {
  const { environment, print } = world
  const program = new Command('sitewright')
    .description('Runs your application, as sitewright.yaml describes it.')
    .option('--json', 'print the result as JSON, one value a line', false)
    .option('--file <path>', 'the file of the application', siteFileName)
    .option('--site <name>', 'the site; by default the one that the file names')
    .addHelpText('after', codesText)
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: world.say })
    .exitOverride()
  const shared = (): Shared => program.opts<Shared>()
  const show = (value: object, text: string): void => print(shared().json ? JSON.stringify(value) : plainText(text))

  program
    .command('login <email>')
    .description('sign in by a code that is mailed')
    .action(async (email: string) => {
      const url = await serverUrl(environment)
      const { account, session } = await signIn(createApi(url), email, { input: world.input, ask: world.say })
      await keepSession(environment, { url, email: account.email, token: session.token })
      show(
        { url, email: account.email, account: account.id, expiresAt: session.expiresAt },
        `You are signed in at ${url} as ${account.email}. Your account is ${account.id}.`,
      )
    })
  program
    .command('init')
    .description(`write ${siteFileName} from what is here: a compose file, a Dockerfile or package.json`)
    .option('--compose <file...>', 'compose files, each over those before')
    .option('--dockerfile <file>')
    .option('--name <name>', 'the name of the site')
    .action(async (options) => {
      const done = await initFile(options)
      const next = done.questions === 0 ? '' : `Answer the lines that begin with "# ?" (${done.questions}). `
      show(done, `Written from ${done.source}: ${done.written.join(', ')}.\n${next}Then: sitewright check`)
    })
  program
    .command('check')
    .description('say what is wrong with the file, and which hardening it relaxes')
    .action(async () => {
      const checked = await checkFile(shared().file)
      show(checked, checkedText(checked))
    })
  program
    .command('deploy [environment]')
    .description('build, push and start what the file describes; a version that does not work goes back by itself')
    .action(async (name: string = production) => {
      if (name !== production) {
        throw new Failure('mistake', `There is no environment '${name}': so far a site has '${production}' alone.`)
      }
      const { file, site } = shared()
      const read = await readSiteFile(file)
      const api = await signedIn(world)
      const note = (line: string): void => world.say(`${line}\n`)
      const done = await deploy({ api, read, slug: site ?? read.file.name, environment, note })
      show(done, `Version ${done.version} is live: ${done.url}`)
    })
  program
    .command('status')
    .description('say whether the site is reachable, which version it runs, and what its last hour was like')
    .action(async () => {
      const { api, site } = await namedSite(world, shared())
      const status = await statusOf(api, site, await newestDeployment(api, site))
      show(status, statusText(status))
      if (!status.isReachable) end(exitCodes.failed)
    })
  program
    .command('logs')
    .description('print what the site writes')
    .option('-f, --follow', 'go on with what it writes from now', false)
    .action(async ({ follow }: { follow: boolean }) => {
      const { api, site } = await namedSite(world, shared())
      for await (const one of logLines(api, site, { follow })) show(one, `${one.container} | ${one.line}`)
    })
  program
    .command('explain')
    .description('one timeline of deployments, variables, sleep, restarts, failures and errors around a moment')
    .option('--at <time>', 'such as 20m or 2h ago, 14:30, or 2026-01-31T14:30:00Z; now by default')
    .option('--minutes <count>', 'how many minutes before and after it', '60')
    .action(async ({ at, minutes }: { at?: string; minutes: string }) => {
      const { api, site } = await namedSite(world, shared())
      const found = await explain(api, site, { at, minutes: wholeNumber(minutes, '--minutes', 1440) })
      show(found, explanationText(site.slug, found))
    })
  program
    .command('costs')
    .description('hours awake and storage of this month, with an estimate, and what it would be without sleep')
    .action(async () => {
      const { api, site } = await namedSite(world, shared())
      const costs = await costsOf(api, site)
      show(costs, costsText(costs))
    })
  program
    .command('export [directory]')
    .description(
      'write software and data of the site into a new directory, with a compose.yaml that runs them without Sitewright',
    )
    .option('--fresh', 'copy the data first: the site pauses meanwhile', false)
    .action(async (directory: string | undefined, { fresh }: { fresh: boolean }) => {
      const { api, site } = await namedSite(world, shared())
      const note = (line: string): void => world.say(`${line}\n`)
      const to = directory ?? `${site.slug}-export`
      const done = await exportSite({ api, site, source: dirname(resolve(shared().file)), to, fresh, note })
      show(done, exportedText(done))
    })
  program
    .command('open')
    .description('print a URL that opens the site as its owner, once, and open it in the browser')
    .action(async () => {
      const { api, site } = await namedSite(world, shared())
      const entrance = await entranceOf(api, site)
      show(entrance, entrance.url)
      if (!shared().json && world.input.isTTY === true) openBrowser(entrance.url)
    })
  return program
}

/** Errors that are a sentence for people; others are mistakes of ours. */
const failureOf = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (error instanceof BadInput) return new Failure('mistake', error.message)
  return new Failure('failed', messageOf(error))
}

/** Runs the command of some arguments. @returns its exit code. */
export const runSitewright = async (words: readonly string[], world: World): Promise<number> => {
  let code: number = exitCodes.done
  const program = createProgram(world, (chosen) => {
    code = chosen
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    // Its usage or what is wrong with it was printed.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.mistake
    const { ending, message, problems } = failureOf(error)
    const { json, file } = program.opts<Shared>()
    if (json) world.print(JSON.stringify({ error: { ending, message, problems } }))
    else world.say(plainText(`${[message, ...problems.map((one) => problemText(file, one))].join('\n')}\n`))
    return exitCodes[ending]
  }
}
