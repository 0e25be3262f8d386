import { spawn } from 'node:child_process'
import { Command, CommanderError } from 'commander'
import { siteFileName } from '../../core/blueprint/site-file.ts'
import { BadInput } from '../blueprint/bad-input.ts'
import { messageOf } from '../command-line/read-options.ts'
import { useProxy } from './api.ts'
import type { Shared, Terminal } from './command-context.ts'
import { addCostsCommand } from './costs.ts'
import { deploy } from './deploy.ts'
import { runDev } from './dev/dev.ts'
import { addEnvironmentCommands, eachOf } from './environment-commands.ts'
import { commandAt, wantedBy } from './environments.ts'
import { addExplainCommand } from './explain.ts'
import { exitCodes, Failure } from './failure.ts'
import { problemText } from './file-problems.ts'
import { addMovingCommands } from './import.ts'
import { initFile } from './init.ts'
import { checkedText, checkFile, readSiteFile } from './read-file.ts'
import { addSessionCommands, namedSite, signedIn } from './session.ts'
import { entranceOf, logLines, statusOf, statusText } from './site.ts'
import { addValueCommands } from './values.ts'

const codesText = `
Exit codes:
  0  done
  1  the site or the deployment does not work
  2  the command or the file has a mistake
  3  sign in first
  4  the server refuses
  5  no answer, or too many requests: try again

Environment:
  SITEWRIGHT_URL      the address of the console; by default that of the last login
  SITEWRIGHT_TOKEN    signs in without a session
  SITEWRIGHT_ACCOUNT  the account that you act for as a member; by default your own
  HTTPS_PROXY         the proxy to the server, except for NO_PROXY; before Node.js 24.14 set
                      NODE_USE_ENV_PROXY=1 too, which needs 22.21 or later`

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

/** @throws {Failure} for the empty text of a variable that is not set: it would be the name of an environment that nobody means. */
const branchOf = (text: string): string => {
  if (text.trim() !== '') return text
  throw new Failure('mistake', '--branch is empty: the variable that names the branch is not set.')
}

const createProgram = (terminal: Terminal, isJson: boolean, end: (code: number) => void): Command => {
  const { environment, print } = terminal
  const program = new Command('sitewright')
    .description('Runs your application, as sitewright.yaml describes it.')
    .option('--json', 'print the result as JSON, one value a line', false)
    .option('--file <path>', 'the file of the application', siteFileName)
    .option('--site <name>', 'the site; by default the one that the file names')
    .option('--branch <branch>', 'the environment of a branch', branchOf)
    .addHelpText('after', codesText)
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: isJson ? () => undefined : terminal.say })
    .exitOverride()
  const shared = (): Shared => program.opts<Shared>()
  const show = (value: object, text: string): void => print(shared().json ? JSON.stringify(value) : plainText(text))

  const note = (line: string): void => terminal.say(`${line}\n`)
  const find = (name?: string) => namedSite(terminal, shared(), wantedBy(shared(), name))
  const context = { terminal, shared, show, note, find }

  const openSite = async (name?: string): Promise<void> => {
    const { api, site } = await find(name)
    const entrance = await entranceOf(api, site)
    show(entrance, entrance.url)
    if (!shared().json && terminal.input.isTTY === true) openBrowser(entrance.url)
  }

  addSessionCommands(program, context)
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
    .command('dev')
    .description('run the file on this machine, and again after each change; no account is needed')
    .option('--port <port>', 'where the application answers', '3000')
    .option('--processes', 'as plain processes, also if Docker or Podman answers', false)
    .action(async ({ port, processes }: { port: string; processes: boolean }) => {
      if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535)
        throw new Failure('mistake', `--port must be a number from 1 to 65535, such as 3000. It is ${port}`)
      await runDev({
        ...{ file: shared().file, port: Number(port), processes, environment, note },
        print: (one) => show(one, `${one.container} | ${one.line}`),
        // It stops containers, which may take their time.
        signal: terminal.endInOrder?.(30_000) ?? new AbortController().signal,
      })
    })
  program
    .command('deploy [environment]')
    .description('build, push and start what the file describes; a version that does not work goes back by itself')
    .option('--secret <name>', 'for an environment that is made: as `env create`', eachOf)
    .action(async (name: string | undefined, { secret: secrets }: { secret?: string[] }) => {
      const { file, site: slug } = shared()
      const to = wantedBy(shared(), name)
      const read = await readSiteFile(file)
      const api = await signedIn(terminal)
      const done = await deploy({ api, environment, note, read, slug: slug ?? read.file.name, to, secrets })
      show(done, `Version ${done.version} is live: ${done.url}`)
    })
  program
    .command('status [environment]')
    .description('say whether the site is reachable, which version it runs, and what its last hour was like')
    .action(async (name?: string) => {
      const { api, site } = await find(name)
      const status = await statusOf(api, site, commandAt(shared().site))
      show(status, statusText(status))
      if (!status.isReachable) end(exitCodes.failed)
    })
  program
    .command('logs [environment]')
    .description('print what the site writes')
    .option('-f, --follow', 'go on with what it writes from now', false)
    .action(async (name: string | undefined, { follow }: { follow: boolean }) => {
      const { api, site } = await find(name)
      for await (const one of logLines(api, site, { follow })) show(one, `${one.container} | ${one.line}`)
    })
  addExplainCommand(program, context)
  addCostsCommand(program, context)
  addMovingCommands(program, context)
  program
    .command('open [environment]')
    .description('print a URL that lets you into the site, once, and open it in the browser')
    .action((name?: string) => openSite(name))
  addEnvironmentCommands(program, { ...context, openSite })
  addValueCommands(program, context)
  return program
}

/** Errors that are a sentence for people; others are mistakes of ours. */
const failureOf = (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (error instanceof CommanderError) {
    const usage = error.code === 'commander.help' && 'Name a command. See: sitewright --help'
    return new Failure('mistake', usage || error.message.replace(/^error: /, ''))
  }
  if (error instanceof BadInput) return new Failure('mistake', error.message)
  return new Failure('failed', messageOf(error))
}

/** Runs the command of some arguments. @returns its exit code. */
export const runSitewright = async (words: readonly string[], terminal: Terminal): Promise<number> => {
  let code: number = exitCodes.done
  // After a mistake in the command line, Commander does not know its options.
  const isJson = words.includes('--json')
  const program = createProgram(terminal, isJson, (chosen) => {
    code = chosen
  })
  try {
    useProxy(terminal.environment)
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    const isCommandLine = error instanceof CommanderError
    if (isCommandLine && error.exitCode === 0) return exitCodes.done
    const { ending, message, problems } = failureOf(error)
    const { file } = program.opts<Shared>()
    if (isJson) terminal.print(JSON.stringify({ error: { ending, message, problems } }))
    // Commander has printed what is wrong with the command line, or how it is used.
    else if (!isCommandLine)
      terminal.say(plainText(`${[message, ...problems.map((one) => problemText(file, one))].join('\n')}\n`))
    return exitCodes[ending]
  }
}
