import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import * as z from 'zod'
import { operatorSiteSchema } from '../lambdas/operators/answers.ts'
import config from '../sitewright.config.ts'
import { operatorToken } from './command-line/operator-token.ts'
import { type CallOperation, operatorsCall } from './command-line/operators-call.ts'
import { runCommand } from './command-line/read-options.ts'
import { unlessEnding } from './command-line/run-to-end.ts'
import { type Installation, openMachine, openStage } from './site/installation.ts'
import { exportBundle, importBundle } from './site/move-bundle.ts'

const usage = `Moves a site between installations, as a bundle: its data, what it runs, and its secrets, encrypted (docs/bundles.md).

  npm run --silent site -- leave site_… --hostname shop.example.com --reason 'Contract 4711'
      suspends the site as moved: it is archived and kept, and visitors are sent on to the new hostname
  npm run --silent site -- export site_… --to DIR --reason 'Contract 4711'
      writes a bundle into a new directory, and prints its key, once
  npm run --silent site -- import DIR --key-file FILE --reason 'Contract 4711'
      builds the site from a bundle; again, it changes nothing

  --rehearsal        imports as a rehearsal, which ends after seven days
  --key-file <file>  holds the key of the bundle; or SITEWRIGHT_BUNDLE_KEY
  --reason <words>   for the history
  --url <address>    of the console (http://localhost:4000, or that of the stage)
  --stage <name>     a deployment, as sitewright.config.ts calls it; its archives and keys are used by your credentials

Without a stage it needs the home of the host in SITEWRIGHT_HOME, and its user. The host has to run. Reads the token of an administrator from SITEWRIGHT_OPERATOR_TOKEN;
on one machine, /_local/operators issues it.
`

const optionsSchema = z.strictObject({
  to: z.string().min(1).optional(),
  hostname: z.string().min(1).optional(),
  'key-file': z.string().optional(),
  rehearsal: z.boolean().default(false),
  reason: z.string().trim().min(1).optional(),
  url: z.string().optional(),
  stage: z.string().optional(),
})

// The command and what it is about come before the options.
const isOption = (word: string | undefined): boolean => word === undefined || word.startsWith('-')
const named = isOption(process.argv[2]) ? 0 : isOption(process.argv[3]) ? 1 : 2
const [command, subject] = process.argv.splice(2, named)

const require = (value: string | undefined, name: string): string => {
  if (value !== undefined) return value
  throw new Error(`${name} is missing\n\n${usage}`)
}

const stageOf = (name: string) => {
  const found = config.stages[name]
  if (found === undefined) throw new Error(`--stage must be a stage of sitewright.config.ts, not ${name}`)
  return found
}

/** The console has to be that of the archives. */
const consoleOf = (stage: string | undefined): string =>
  stage === undefined ? 'http://localhost:4000' : `https://${stageOf(stage).console.hostname}`

const openInstallation = (stage: string | undefined): Promise<Installation> =>
  stage === undefined ? openMachine(process.env) : openStage(stage, stageOf(stage).region)

const readKey = async (file: string | undefined): Promise<string> =>
  file === undefined
    ? require(process.env['SITEWRIGHT_BUNDLE_KEY'], '--key-file or SITEWRIGHT_BUNDLE_KEY')
    : (await readFile(file, 'utf8')).trim()

await runCommand(
  optionsSchema,
  usage,
  async (options, signal) => {
    const { stage, rehearsal } = options
    const url = options.url ?? consoleOf(stage)
    if (command !== 'leave' && command !== 'export' && command !== 'import') {
      throw new Error(`give one of leave, export and import\n\n${usage}`)
    }
    const about = require(subject, command === 'import' ? 'the directory of the bundle' : 'the id of the site')
    const reason = require(options.reason, '--reason')
    const ask = operatorsCall(url, await unlessEnding(signal, operatorToken(url)))
    const call: CallOperation = (path, answer, body) => unlessEnding(signal, ask(path, answer, body))
    const print = (line: string): void => console.log(line)
    // Each look is entered in the audit log.
    let checks = 0
    const pause = () => wait(Math.min(500 * 1.5 ** checks++, 10_000), undefined, { signal })
    const moving = { call, reason, pause, print }
    if (command === 'leave') {
      const to = require(options.hostname, '--hostname')
      const { status } = await call(`sites/${about}/leave`, operatorSiteSchema, { to, reason })
      print(`${about} is ${status} as moved. Its visitors are sent on to ${to}.`)
      return true
    }
    if (command === 'import') {
      const key = await readKey(options['key-file'])
      const installation = await openInstallation(stage)
      return importBundle({ ...moving, installation, directory: about, key, rehearsal })
    }
    const installation = await openInstallation(stage)
    const to = require(options.to, '--to')
    const key = await exportBundle({ ...moving, installation, siteId: about, to })
    print(`The bundle is in ${to}. Its key, shown this once; who has both has the secrets of the site:\n\n  ${key}\n`)
    return true
  },
  { cleansUp: true },
)
