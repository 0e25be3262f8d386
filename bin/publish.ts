import { parseArgs } from 'node:util'
import { readBlueprintFile } from '../adapters/files/blueprint-files.ts'
import { SitewrightError } from '../core/errors.ts'
import { resolveOnBase } from '../lambdas/blueprints/resolve-on-base.ts'
import config from '../sitewright.config.ts'
import { runToEnd } from './command-line/run-to-end.ts'
import { PublishError } from './publish/container-tool.ts'
import { publishBlueprint } from './publish/publish-blueprint.ts'
import { publishOnMachine, Unanswered } from './publish/publish-on-machine.ts'

const usage = `Publishes blueprints, without a restart. Each is a draft until a site of it is healthy.

  npm run publish-blueprint -- blueprints/welcome.yaml
  npm run publish-blueprint -- --stage production blueprints/welcome.yaml

A file that extends a blueprint is resolved against the published version that it names.

  --url <address>  of the running host (http://localhost:4000)
  --stage <name>   a deployment, as sitewright.config.ts calls it; copies the images into its own repositories
  --dry-run        only says what would be done; for a deployment

Reads the token of an administrator of the host from SITEWRIGHT_OPERATOR_TOKEN; on one machine, /_local/operators issues it.
`

const stageNamed = (name: string) => {
  const stage = config.stages[name]
  if (stage !== undefined) return { name, stage }
  const there = Object.keys(config.stages).join(', ') || 'none'
  throw new PublishError(`--stage must be a stage of sitewright.config.ts (${there}), not ${name}.`)
}

/** Does what the words of a command line say. @throws {Error} that {@link explain} explains. */
export const publish = async (words: readonly string[]): Promise<void> => {
  const { values, positionals: files } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      stage: { type: 'string' },
      url: { type: 'string', default: 'http://localhost:4000' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const deployment = values.stage === undefined ? undefined : stageNamed(values.stage)
  if (files.length === 0) throw new PublishError('Name the file of a blueprint, such as blueprints/welcome.yaml.')
  if (deployment === undefined) {
    if (values['dry-run']) throw new PublishError('--dry-run is for a deployment: name its --stage.')
    for (const file of files) console.log(await publishOnMachine(file, { url: values.url }))
    return
  }
  const { name, stage } = deployment
  // All are read before any is published.
  const read = await Promise.all(files.map(async (file) => ({ file, ...(await readBlueprintFile(file)) })))
  const { publishingOnAws } = await import('./publish/publishing-on-aws.ts')
  const publishing = {
    ...publishingOnAws(name, stage),
    offered: config.offeredBlueprints,
    plans: config.plans,
    dryRun: values['dry-run'],
    print: (line: string) => console.log(line),
  }
  for (const one of read) {
    const { store } = publishing
    const blueprint = 'blueprint' in one ? one.blueprint : await resolveOnBase(store, one.extension, one.file)
    await publishBlueprint(publishing, blueprint)
  }
}

/** What to print for an error. Our errors have a complete sentence, as those of the calls of all commands; those of AWS need their name too. */
export const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return `Not published. ${error}`
  if (error.name === 'ResourceNotFoundException')
    return 'Not published. The tables of the stage are missing: deploy it first.'
  if (error instanceof Unanswered)
    return `${error.message}\nIt may be published all the same. Publish it again: if it is, that changes nothing.`
  const isPlain = error.name === 'Error' || error instanceof SitewrightError
  return `Not published. ${isPlain ? error.message : `${error.name}: ${error.message}`}`
}

const main = (): Promise<number> =>
  publish(process.argv.slice(2)).then(
    () => 0,
    (error: unknown) => {
      console.error(explain(error))
      return 1
    },
  )

if (import.meta.main) await runToEnd(main)
