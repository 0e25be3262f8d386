import { parseArgs } from 'node:util'
import { readBlueprint } from '../adapters/files/blueprint-files.ts'
import { SitewrightError } from '../core/errors.ts'
import config from '../sitewright.config.ts'
import { ProgramFailed, PublishError } from './publish/container-tool.ts'
import { publishBlueprint } from './publish/publish-blueprint.ts'
import { publishingOnAws } from './publish/publishing-on-aws.ts'

const usage = `Publishes blueprints to a deployment, and copies their images into its own repositories.

  npm run publish-blueprint -- --stage production blueprints/welcome.yaml

  --stage <name>   the deployment, as sitewright.config.ts calls it
  --dry-run        only says what would be done
`

const stageNamed = (name: string | undefined) => {
  const stage = name === undefined ? undefined : config.stages[name]
  if (name !== undefined && stage !== undefined) return { name, stage }
  const there = Object.keys(config.stages).join(', ') || 'none'
  throw new PublishError(`--stage must be a stage of sitewright.config.ts (${there}), not ${name ?? 'left out'}.`)
}

const main = async (): Promise<void> => {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const { name, stage } = stageNamed(values.stage)
  if (files.length === 0) throw new PublishError('Name the file of a blueprint, such as blueprints/welcome.yaml.')
  // All are read before any is published.
  const blueprints = await Promise.all(files.map(readBlueprint))
  const publishing = {
    ...publishingOnAws(name, stage),
    plans: config.plans,
    dryRun: values['dry-run'],
    print: (line: string) => console.log(line),
  }
  for (const blueprint of blueprints) await publishBlueprint(publishing, blueprint)
}

/** Our errors have a complete sentence; those of AWS need their name too. */
const plain = [PublishError, ProgramFailed, SitewrightError]

const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'ResourceNotFoundException') return 'The tables of the stage are missing: deploy it first.'
  return plain.some((kind) => error instanceof kind) ? error.message : `${error.name}: ${error.message}`
}

main().catch((error: unknown) => {
  console.error(`Not published. ${explain(error)}`)
  process.exitCode = 1
})
